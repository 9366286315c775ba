output "pydron" {
  description = "Keys of [cloud.NAME] in Pydron's settings: pydron cloud add --terraform DIR reads them."
  value = {
    kind               = "openstack"
    cloud              = var.cloud
    networks           = [openstack_networking_network_v2.instances.id]
    "security-groups"  = [openstack_networking_secgroup_v2.instances.id]
    "floating-network" = var.floating_addresses ? data.openstack_networking_network_v2.external.id : ""
  }

  # Before the router is there, instances cannot be reached.
  depends_on = [openstack_networking_router_interface_v2.out]
}

output "key_pair" {
  description = "Name of the key pair for people, if there is one."
  value       = one(openstack_compute_keypair_v2.people[*].name)
}
