// What the handler calls of WASI 0.2, as it stands in a core module: names of interfaces and functions, and the types of
// the canonical ABI. Handles are numbers. What does not fit one result is written where the last argument points.
#pragma once

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef u32 handle;

// A string, or a list of bytes.
typedef struct {
  const u8 *at;
  u32 length;
} bytes;

// option<string>
typedef struct {
  u8 is_some;
  bytes value;
} option_bytes;

// result<handle>: `tag` is 0 for ok.
typedef struct {
  u8 tag;
  handle value;
} result_handle;

// variant method: the last case is `other(string)`.
typedef struct {
  u8 tag;
  bytes other;
} method;

// result<list<u8>, stream-error>: in `error`, 0 is a failure with a handle, 1 the end of the stream.
typedef struct {
  u8 tag;
  union {
    bytes value;
    struct {
      u8 tag;
      handle error;
    } error;
  };
} result_bytes;

// result<_, error-code>: which error it is does not matter here.
typedef struct {
  u8 tag;
  u64 error[4];
} result_http;

// tuple<string, list<u8>>
typedef struct {
  bytes name, value;
} field;

typedef struct {
  const field *at;
  u32 length;
} fields_list;

#define IMPORT(interface, name) __attribute__((import_module("wasi:" interface "@0.2.0"), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

IMPORT("http/types", "[constructor]fields") handle fields_new(void);
IMPORT("http/types", "[method]fields.append")
void fields_append(handle, const u8 *name, u32 name_length, const u8 *value, u32 value_length, u8 result[2]);
IMPORT("http/types", "[method]fields.entries") void fields_entries(handle, fields_list *);
IMPORT("http/types", "[resource-drop]fields") void fields_drop(handle);

IMPORT("http/types", "[method]incoming-request.method") void request_method(handle, method *);
IMPORT("http/types", "[method]incoming-request.path-with-query") void request_path(handle, option_bytes *);
IMPORT("http/types", "[method]incoming-request.headers") handle request_headers(handle);
IMPORT("http/types", "[method]incoming-request.consume") void request_consume(handle, result_handle *);
IMPORT("http/types", "[resource-drop]incoming-request") void request_drop(handle);

IMPORT("http/types", "[method]incoming-body.stream") void incoming_stream(handle, result_handle *);
IMPORT("http/types", "[resource-drop]incoming-body") void incoming_drop(handle);

IMPORT("http/types", "[constructor]outgoing-response") handle response_new(handle headers);
IMPORT("http/types", "[method]outgoing-response.set-status-code") u32 response_set_status(handle, u32);
IMPORT("http/types", "[method]outgoing-response.body") void response_body(handle, result_handle *);
// The arguments behind `response` are those of an error.
IMPORT("http/types", "[static]response-outparam.set")
void outparam_set(handle, u32 is_error, handle response, u32, u64, u32, u32, u32, u32);

IMPORT("http/types", "[method]outgoing-body.write") void outgoing_write(handle, result_handle *);
IMPORT("http/types", "[static]outgoing-body.finish")
void outgoing_finish(handle, u32 has_trailers, handle trailers, result_http *);

IMPORT("io/streams", "[method]input-stream.blocking-read") void stream_read(handle, u64 length, result_bytes *);
IMPORT("io/streams", "[resource-drop]input-stream") void input_drop(handle);
IMPORT("io/streams", "[method]output-stream.blocking-write-and-flush")
void stream_write(handle, const u8 *, u32 length, result_bytes *);
IMPORT("io/streams", "[resource-drop]output-stream") void output_drop(handle);
IMPORT("io/error", "[resource-drop]error") void error_drop(handle);

IMPORT("clocks/monotonic-clock", "subscribe-duration") handle subscribe_duration(u64 nanoseconds);
IMPORT("io/poll", "[method]pollable.block") void pollable_block(handle);
IMPORT("io/poll", "[resource-drop]pollable") void pollable_drop(handle);
