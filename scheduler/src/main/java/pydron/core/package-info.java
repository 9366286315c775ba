/// The scheduler's heart: a state machine without I/O. Events go in, effects come out, time arrives with the event.
///
/// It knows no sockets, no threads, no gRPC, no files and no clock, so that a simulator can run the real thing through
/// thousands of invented lives. Entry point: [pydron.core.Core].
package pydron.core;
