// An HTTP handler (wasi:http/incoming-handler) without a C library.
//
//   GET  /             says what the request was, with its headers
//   POST /echo         answers with the body of the request, piece by piece
//   GET  /primes/1000  counts primes, in a loop that is worth a breakpoint
//   GET  /wait/250     answers after so many milliseconds: others are served meanwhile
//   GET  /trap         comes to an end that the host has to answer for
//
// Every request gets an instance of its own, so that `requests` is always 1.
#include "wasi.h"

static u32 requests;

// What the host gives is put one behind the other, and is given back all at once when the instance goes.
static _Alignas(16) u8 heap[1 << 16];
static u32 heap_used;

EXPORT("cabi_realloc") void *cabi_realloc(void *old, u32 old_size, u32 align, u32 size) {
  u32 at = (heap_used + align - 1) & ~(align - 1);
  // It grows in place when nothing came behind it.
  if (old && (u8 *)old + old_size == heap + heap_used) at = (u32)((u8 *)old - heap);
  if (at + size > sizeof heap) __builtin_trap();
  if (old && (u8 *)old != heap + at) {
    for (u32 i = 0; i < old_size && i < size; i++) heap[at + i] = ((u8 *)old)[i];
  }
  heap_used = at + size;
  return heap + at;
}

static u32 length_of(const char *text) {
  u32 length = 0;
  while (text[length]) length++;
  return length;
}

static bytes text(const char *from) {
  bytes all = {(const u8 *)from, length_of(from)};
  return all;
}

static int begins(bytes all, const char *with) {
  u32 length = length_of(with);
  if (all.length < length) return 0;
  for (u32 i = 0; i < length; i++) {
    if (all.at[i] != (u8)with[i]) return 0;
  }
  return 1;
}

static u32 number_behind(bytes all, u32 at) {
  u32 number = 0;
  for (; at < all.length && all.at[at] >= '0' && all.at[at] <= '9'; at++) number = number * 10 + (all.at[at] - '0');
  return number;
}

// Writes everything, in pieces that a stream takes at once.
static int write(handle stream, bytes all) {
  for (u32 done = 0; done < all.length;) {
    u32 length = all.length - done < 4096 ? all.length - done : 4096;
    result_bytes result;
    stream_write(stream, all.at + done, length, &result);
    if (result.tag) {
      if (result.error.tag == 0) error_drop(result.error.error);
      return 0;
    }
    done += length;
  }
  return 1;
}

static void write_number(handle stream, u32 number) {
  u8 digits[10];
  u32 at = sizeof digits;
  do {
    digits[--at] = '0' + number % 10;
    number /= 10;
  } while (number);
  bytes all = {digits + at, sizeof digits - at};
  write(stream, all);
}

static bytes method_name(const method *of) {
  static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};
  return of->tag < sizeof names / sizeof *names ? text(names[of->tag]) : of->other;
}

static void describe(handle request, bytes path, handle stream) {
  method how;
  request_method(request, &how);
  write(stream, text("Hello from C!\n"));
  write(stream, method_name(&how));
  write(stream, text(" "));
  write(stream, path);
  write(stream, text("\nrequest "));
  write_number(stream, ++requests);
  write(stream, text(" of this instance\n"));

  handle headers = request_headers(request);
  fields_list all;
  fields_entries(headers, &all);
  for (u32 i = 0; i < all.length; i++) {
    write(stream, all.at[i].name);
    write(stream, text(": "));
    write(stream, all.at[i].value);
    write(stream, text("\n"));
  }
  fields_drop(headers);
}

static void echo(handle request, handle stream) {
  result_handle body, from;
  request_consume(request, &body);
  if (body.tag) return;
  incoming_stream(body.value, &from);
  if (!from.tag) {
    u32 before = heap_used;
    for (;;) {
      result_bytes piece;
      stream_read(from.value, 4096, &piece);
      if (piece.tag) {
        if (piece.error.tag == 0) error_drop(piece.error.error);
        break;
      }
      if (!write(stream, piece.value)) break;
      heap_used = before;
    }
    input_drop(from.value);
  }
  incoming_drop(body.value);
}

static u32 count_primes(u32 below) {
  u32 count = 0;
  for (u32 n = 2; n < below; n++) {
    int is_prime = 1;
    for (u32 d = 2; d * d <= n; d++) {
      if (n % d == 0) {
        is_prime = 0;
        break;
      }
    }
    count += is_prime;
  }
  return count;
}

static void wait(u32 milliseconds) {
  handle time = subscribe_duration((u64)milliseconds * 1000000);
  pollable_block(time);
  pollable_drop(time);
}

static u32 status_of(bytes path) {
  static const char *const known[] = {"/echo", "/primes/", "/wait/", "/trap"};
  if (path.length <= 1 || path.at[1] == '?') return 200;
  for (u32 i = 0; i < sizeof known / sizeof *known; i++) {
    if (begins(path, known[i])) return 200;
  }
  return 404;
}

EXPORT("wasi:http/incoming-handler@0.2.0#handle") void handle_request(handle request, handle out) {
  option_bytes asked;
  request_path(request, &asked);
  bytes path = asked.is_some ? asked.value : text("/");
  u32 status = status_of(path);
  if (begins(path, "/trap")) __builtin_trap();

  handle headers = fields_new();
  bytes name = text("content-type"), type = text("text/plain; charset=utf-8");
  u8 added[2];
  fields_append(headers, name.at, name.length, type.at, type.length, added);
  handle response = response_new(headers);
  response_set_status(response, status);
  result_handle body, stream;
  response_body(response, &body);
  outparam_set(out, 0, response, 0, 0, 0, 0, 0, 0);

  outgoing_write(body.value, &stream);
  if (status == 404) {
    write(stream.value, text("there is nothing at "));
    write(stream.value, path);
    write(stream.value, text("\n"));
  } else if (begins(path, "/echo")) {
    echo(request, stream.value);
  } else if (begins(path, "/primes/")) {
    u32 below = number_behind(path, 8);
    write_number(stream.value, count_primes(below));
    write(stream.value, text(" primes below "));
    write_number(stream.value, below);
    write(stream.value, text("\n"));
  } else if (begins(path, "/wait/")) {
    wait(number_behind(path, 6));
    write(stream.value, text("waited\n"));
  } else {
    describe(request, path, stream.value);
  }
  output_drop(stream.value);
  result_http finished;
  outgoing_finish(body.value, 0, 0, &finished);
  request_drop(request);
}
