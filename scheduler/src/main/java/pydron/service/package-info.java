/// Everything around the core that touches the world: the drivers' socket, the workers' gRPC service, files, time.
///
/// It translates: frames and messages into events, effects into frames and messages. It decides nothing that the
/// core could decide. Entry point: [pydron.service.SchedulerService].
package pydron.service;
