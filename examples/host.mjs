/**
 * The imports of imports.wat. The default export is called once, before the module is instantiated, and returns
 * the import object: functions (sync or async), memories, globals and tables.
 *
 * `instance.exports` is filled when the module has been instantiated: use it inside functions.
 */
export default ({ instance, memory, global, table }) => {
  const shared = memory({ initial: 1 });
  return {
    host: {
      memory: shared,
      counter: global('i32', 0, { mutable: true }),
      callbacks: table({ element: 'funcref', initial: 2 }),

      /** Prints bytes of the memory as text. */
      print(address, bytes) {
        console.log(new TextDecoder().decode(new Uint8Array(shared.buffer, address, bytes)));
      },

      /** An async function: the module goes on when the promise settles, with its value as the result. */
      async sleep(milliseconds) {
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
        return milliseconds;
      },

      /** Calls an export of the module, synchronously. */
      twice: (x) => instance.exports.double(instance.exports.double(x)),
    },
  };
};
