/**
 * `wasi:sockets/tcp` and `tcp-create-socket`: sockets and their states (TcpSocketOperationalSemantics.md).
 *
 * A socket that is bound has its address at once, so that nobody else can take it. A connection is closed when the socket and both
 * of its streams are dropped.
 */

import {
  type HostFunction,
  type HostInstance,
  type HostResult,
  handleOf,
  hostFunction,
  hostInstance,
  hostResource,
  repOf,
} from '../../../component/host.ts';
import type { CaseValue, ComponentValue } from '../../../component/values.ts';
import type { Waiting } from '../../host.ts';
import type { IpFamily, TcpBinding, TcpConnection } from '../../network.ts';
import { type Steps, settled } from '../../steps.ts';
import { POLLABLE, pollable } from '../poll.ts';
import { INPUT_STREAM, Input, OUTPUT_STREAM, Output } from '../streams.ts';
import { type Answer, fallible } from '../values.ts';
import {
  familyCase,
  familyOf,
  isMulticast,
  mustBeLocal,
  mustBeRemote,
  NETWORK,
  networkErrors,
  Operation,
  refuse,
  socketAddressOf,
  socketAddressValue,
} from './network.ts';

const SECOND = 1_000_000_000n;
const MOST_BACKLOG = 4096;

/** What a socket was told, in the values of its properties. */
interface Properties {
  keepAliveEnabled: boolean;
  keepAliveIdleTime: bigint;
  keepAliveInterval: bigint;
  keepAliveCount: number;
  hopLimit: number;
  receiveBufferSize: bigint;
  sendBufferSize: bigint;
}

/** What Linux begins with. */
const USUAL: Properties = {
  keepAliveEnabled: false,
  keepAliveIdleTime: 7200n * SECOND,
  keepAliveInterval: 75n * SECOND,
  keepAliveCount: 9,
  hopLimit: 64,
  receiveBufferSize: 131_072n,
  sendBufferSize: 16_384n,
};

type State =
  | { readonly is: 'unbound' }
  | { readonly is: 'bind-in-progress'; readonly operation: Operation<TcpBinding> }
  | { readonly is: 'bound'; readonly binding: TcpBinding }
  | { readonly is: 'listen-in-progress'; readonly operation: Operation<void>; readonly binding: TcpBinding }
  | { readonly is: 'listening'; readonly binding: TcpBinding }
  | { readonly is: 'connect-in-progress'; readonly operation: Operation<TcpConnection> }
  | {
      readonly is: 'connected';
      readonly connection: TcpConnection;
      readonly input: Input;
      readonly output: Output;
    }
  | { readonly is: 'closed' };

class TcpSocket {
  readonly family: IpFamily;
  readonly properties: Properties;
  backlog = 128;
  state: State = { is: 'unbound' };

  constructor(family: IpFamily, properties = USUAL) {
    this.family = family;
    this.properties = { ...properties };
  }

  /** The state it has to be in for something; `invalid-state` otherwise. */
  in<K extends State['is']>(...wanted: K[]): Extract<State, { is: K }> {
    const { state } = this;
    return (wanted as string[]).includes(state.is)
      ? (state as Extract<State, { is: K }>)
      : refuse('invalid-state');
  }

  /** An operation that is to be finished; `not-in-progress` if there is none of its kind. */
  during<K extends 'bind-in-progress' | 'listen-in-progress' | 'connect-in-progress'>(
    wanted: K,
  ): Extract<State, { is: K }> {
    const { state } = this;
    return state.is === wanted ? (state as Extract<State, { is: K }>) : refuse('not-in-progress');
  }

  waiting(): Waiting | undefined {
    const { state } = this;
    if ('operation' in state) return state.operation.waiting();
    return state.is === 'listening' ? state.binding.acceptable() : undefined;
  }

  /** It is connected: its streams as the guest gets them. */
  connected(connection: TcpConnection): readonly ComponentValue[] {
    // The socket and its streams.
    let users = 3;
    const release = (): void => {
      if (--users === 0) connection.close();
    };
    const input = new Input('network', connection, release);
    const output = new Output('network', connection, release);
    this.#release = release;
    this.state = { is: 'connected', connection, input, output };
    this.applyKeepAlive();
    return [handleOf(INPUT_STREAM, input), handleOf(OUTPUT_STREAM, output)];
  }

  applyKeepAlive(): void {
    const { keepAliveEnabled: enabled, keepAliveIdleTime: idle } = this.properties;
    if (this.state.is === 'connected') this.state.connection.setKeepAlive({ enabled, idle });
  }

  drop(): void {
    const { state } = this;
    this.state = { is: 'closed' };
    switch (state.is) {
      case 'bind-in-progress':
        state.operation.abandon((binding) => binding.close());
        break;
      case 'connect-in-progress':
        state.operation.abandon((connection) => connection.close());
        break;
      case 'bound':
      case 'listening':
      case 'listen-in-progress':
        state.binding.close();
        break;
      case 'connected':
        this.#release();
        break;
    }
  }

  #release: () => void = () => {};
}

const TCP_SOCKET = hostResource<TcpSocket>('tcp-socket', (socket) => socket.drop());

/** A method that answers with `result<…, error-code>`. */
function method(run: (self: TcpSocket, args: readonly ComponentValue[]) => Answer): HostFunction {
  return fallible(networkErrors, ([self, ...args]) => {
    const socket = repOf(TCP_SOCKET, self);
    return socket.state.is === 'closed' ? refuse('invalid-state') : run(socket, args);
  });
}

/** The getter and the setter of a property. Zero is refused where it means nothing. */
function property<K extends keyof Properties>(name: string, key: K): Record<string, HostFunction> {
  return {
    [`[method]tcp-socket.${name}`]: method(({ properties }) => properties[key]),
    [`[method]tcp-socket.set-${name}`]: method((self, [value]) => {
      if (value === 0 || value === 0n) refuse('invalid-argument');
      self.properties[key] = value as Properties[K];
      if (name.startsWith('keep-alive')) self.applyKeepAlive();
      return undefined;
    }),
  };
}

export function tcpInterface(): HostInstance {
  return hostInstance({
    'input-stream': INPUT_STREAM,
    'output-stream': OUTPUT_STREAM,
    pollable: POLLABLE,
    network: NETWORK,
    'tcp-socket': TCP_SOCKET,
    '[method]tcp-socket.start-bind': method(startBind),
    '[method]tcp-socket.finish-bind': method(finishBind),
    '[method]tcp-socket.start-connect': method(startConnect),
    '[method]tcp-socket.finish-connect': method(finishConnect),
    '[method]tcp-socket.start-listen': method(startListen),
    '[method]tcp-socket.finish-listen': method((self) => {
      const { operation, binding } = self.during('listen-in-progress');
      try {
        operation.finish();
      } catch (error) {
        // What is in progress goes on; what has failed can be tried again.
        if (!operation.waiting()) self.state = { is: 'bound', binding };
        throw error;
      }
      self.state = { is: 'listening', binding };
      return undefined;
    }),
    '[method]tcp-socket.accept': method((self) => {
      const { binding } = self.in('listening');
      const connection = binding.accept() ?? refuse('would-block');
      const socket = new TcpSocket(self.family, self.properties);
      const streams = socket.connected(connection);
      return [handleOf(TCP_SOCKET, socket), ...streams];
    }),
    '[method]tcp-socket.local-address': method((self) => {
      const state = self.in('bound', 'listen-in-progress', 'listening', 'connected');
      return socketAddressValue(state.is === 'connected' ? state.connection.local : state.binding.local);
    }),
    '[method]tcp-socket.remote-address': method((self) =>
      socketAddressValue(self.in('connected').connection.remote),
    ),
    '[method]tcp-socket.is-listening': hostFunction(
      ([self]) => repOf(TCP_SOCKET, self).state.is === 'listening',
    ),
    '[method]tcp-socket.address-family': hostFunction(([self]) => familyCase(repOf(TCP_SOCKET, self).family)),
    '[method]tcp-socket.set-listen-backlog-size': method((self, [size]) => {
      if (size === 0n) refuse('invalid-argument');
      if (self.state.is === 'listening') refuse('not-supported');
      if (self.state.is === 'connected' || self.state.is === 'connect-in-progress') refuse('invalid-state');
      self.backlog = (size as bigint) > MOST_BACKLOG ? MOST_BACKLOG : Number(size);
      return undefined;
    }),
    ...property('keep-alive-enabled', 'keepAliveEnabled'),
    ...property('keep-alive-idle-time', 'keepAliveIdleTime'),
    ...property('keep-alive-interval', 'keepAliveInterval'),
    ...property('keep-alive-count', 'keepAliveCount'),
    ...property('hop-limit', 'hopLimit'),
    ...property('receive-buffer-size', 'receiveBufferSize'),
    ...property('send-buffer-size', 'sendBufferSize'),
    '[method]tcp-socket.subscribe': hostFunction(([self]) => {
      const socket = repOf(TCP_SOCKET, self);
      return pollable(() => socket.waiting());
    }),
    '[method]tcp-socket.shutdown': method(shutdown),
  });
}

export function tcpCreateSocketInterface(): HostInstance {
  return hostInstance({
    network: NETWORK,
    'tcp-socket': TCP_SOCKET,
    'create-tcp-socket': fallible(networkErrors, ([family]) =>
      handleOf(TCP_SOCKET, new TcpSocket(familyOf(family))),
    ),
  });
}

function startBind(self: TcpSocket, [network, address]: readonly ComponentValue[]): HostResult {
  if (self.state.is === 'bind-in-progress') refuse('concurrency-conflict');
  self.in('unbound');
  const granted = repOf(NETWORK, network);
  const local = socketAddressOf(address);
  mustBeLocal(granted, local, self.family);
  self.state = { is: 'bind-in-progress', operation: new Operation(granted.network.bindTcp(local)) };
  return undefined;
}

function finishBind(self: TcpSocket): HostResult {
  const { operation } = self.during('bind-in-progress');
  try {
    self.state = { is: 'bound', binding: operation.finish() };
  } catch (error) {
    if (!operation.waiting()) self.state = { is: 'unbound' };
    throw error;
  }
  return undefined;
}

function startConnect(self: TcpSocket, [network, address]: readonly ComponentValue[]): HostResult {
  if (self.state.is === 'connect-in-progress') refuse('concurrency-conflict');
  const state = self.in('unbound', 'bound');
  const granted = repOf(NETWORK, network);
  const remote = socketAddressOf(address);
  if (isMulticast(remote)) refuse('invalid-argument');
  mustBeRemote(granted, remote, self.family);
  const promise = state.is === 'bound' ? state.binding.connect(remote) : granted.network.connectTcp(remote);
  self.state = { is: 'connect-in-progress', operation: new Operation(promise) };
  return undefined;
}

function finishConnect(self: TcpSocket): HostResult {
  const { operation } = self.during('connect-in-progress');
  try {
    return self.connected(operation.finish());
  } catch (error) {
    // A socket connects once: there is nothing left to do with it.
    if (!operation.waiting()) self.state = { is: 'closed' };
    throw error;
  }
}

function startListen(self: TcpSocket): HostResult {
  if (self.state.is === 'listen-in-progress') refuse('concurrency-conflict');
  const { binding } = self.in('bound');
  const operation = new Operation(Promise.resolve(binding.listen(self.backlog)));
  self.state = { is: 'listen-in-progress', operation, binding };
  return undefined;
}

function* shutdown(self: TcpSocket, [how]: readonly ComponentValue[]): Steps<HostResult> {
  const { connection, input, output } = self.in('connected');
  const { case: chosen } = how as CaseValue;
  const receives = chosen !== 1;
  const sends = chosen !== 0;
  if (receives) input.close();
  if (sends && !output.isClosed) {
    yield* output.drain();
    output.close();
    yield* settled(connection.shutdown(false, true));
  }
  return undefined;
}
