/// The long-lived service that starts and ends instances, and what talks to it.
///
/// Two sides. What a command needs to find the service and to ask it ([Places], [Running], [Control], [Status]) is
/// small and knows nothing of clouds: `pydron run --on` must start quickly. What the service itself is made of
/// ([ElasticService] and what it uses) needs the jars of the provisioner.
package pydron.cli.elastic;
