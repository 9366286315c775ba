provider "openstack" {
  cloud = var.cloud == "" ? null : var.cloud
}

data "openstack_networking_network_v2" "external" {
  name     = var.external_network
  external = true
}

resource "openstack_networking_network_v2" "instances" {
  name           = var.name
  admin_state_up = true
}

resource "openstack_networking_subnet_v2" "instances" {
  name            = var.name
  network_id      = openstack_networking_network_v2.instances.id
  cidr            = var.subnet_cidr
  ip_version      = 4
  dns_nameservers = var.dns_servers
}

resource "openstack_networking_router_v2" "out" {
  name                = var.name
  admin_state_up      = true
  external_network_id = data.openstack_networking_network_v2.external.id
}

resource "openstack_networking_router_interface_v2" "out" {
  router_id = openstack_networking_router_v2.out.id
  subnet_id = openstack_networking_subnet_v2.instances.id
}

# A new group lets everything out, and nothing in.
resource "openstack_networking_secgroup_v2" "instances" {
  name        = var.name
  description = "Instances of Pydron: SSH from the workstation, nothing else in"
}

resource "openstack_networking_secgroup_rule_v2" "ssh" {
  for_each          = toset(var.ssh_from)
  security_group_id = openstack_networking_secgroup_v2.instances.id
  description       = "SSH from the workstation"
  direction         = "ingress"
  ethertype         = strcontains(each.value, ":") ? "IPv6" : "IPv4"
  protocol          = "tcp"
  port_range_min    = 22
  port_range_max    = 22
  remote_ip_prefix  = each.value
}

resource "openstack_compute_keypair_v2" "people" {
  count      = var.public_key == "" ? 0 : 1
  name       = var.name
  public_key = var.public_key
}
