"""What an OpenStack needs before servers can be started in it. Run once for each step: `identity`, `objects`."""

import os
import sys
import time

import openstack

ADDRESS = os.environ["LAB_KEYSTONE"]
ADMIN = os.environ["LAB_ADMIN_PASSWORD"]
SERVICE = os.environ["LAB_SERVICE_PASSWORD"]
USER = os.environ["LAB_USER"]
PASSWORD = os.environ["LAB_PASSWORD"]
PROJECT = os.environ["LAB_PROJECT"]

# Name, cores, MB of memory, GB of disk.
FLAVORS = [("m1.tiny", 1, 512, 1), ("m1.small", 1, 1024, 4), ("m1.medium", 2, 2048, 8), ("m1.large", 4, 8192, 16)]


def connect():
    return openstack.connect(
        auth_url=ADDRESS,
        username="admin",
        password=ADMIN,
        project_name="admin",
        user_domain_name="Default",
        project_domain_name="Default",
        region_name="RegionOne",
    )


def identity(cloud):
    api = cloud.identity
    domain = api.find_domain("Default") or api.get_domain("default")
    roles = {role.name: role for role in api.roles()}
    for name in ("admin", "member", "reader", "service"):
        if name not in roles:
            roles[name] = api.create_role(name=name)

    def project(name):
        return api.find_project(name, domain_id=domain.id) or api.create_project(name=name, domain_id=domain.id)

    def user(name, password, home, names):
        found = api.find_user(name, domain_id=domain.id) or api.create_user(
            name=name, password=password, domain_id=domain.id, default_project_id=home.id
        )
        for role in names:
            api.assign_project_role_to_user(home, found, roles[role])

    services = project("service")
    for name in ("glance", "placement", "nova", "neutron"):
        user(name, SERVICE, services, ["admin", "service"])
    user(USER, PASSWORD, project(PROJECT), ["member"])

    known = {service.type: service for service in api.services()}
    have = {(endpoint.service_id, endpoint.interface) for endpoint in api.endpoints()}
    for kind, name in (("image", "glance"), ("placement", "placement"), ("compute", "nova"), ("network", "neutron")):
        service = known.get(kind) or api.create_service(type=kind, name=name)
        for interface in ("public", "internal", "admin"):
            if (service.id, interface) not in have:
                url = os.environ["LAB_" + name.upper()]
                api.create_endpoint(service_id=service.id, interface=interface, url=url, region_id="RegionOne")


def objects(cloud):
    flavors = {flavor.name for flavor in cloud.compute.flavors()}
    for name, cores, memory, disk in FLAVORS:
        if name not in flavors:
            cloud.compute.create_flavor(name=name, vcpus=cores, ram=memory, disk=disk)
    if "debian-12" not in {image.name for image in cloud.image.images()}:
        image = cloud.image.create_image(
            name="debian-12", disk_format="raw", container_format="bare", visibility="public", min_disk=1
        )
        # Nothing boots: an image of zeros will do.
        kind = {"Content-Type": "application/octet-stream"}
        cloud.image.put(f"/images/{image.id}/file", data=b"\0" * 65536, headers=kind).raise_for_status()
    if "private" not in {network.name for network in cloud.network.networks()}:
        network = cloud.network.create_network(
            name="private", shared=True, provider_network_type="flat", provider_physical_network="oslab"
        )
        cloud.network.create_subnet(
            network_id=network.id,
            name="private",
            ip_version=4,
            cidr="198.18.0.0/24",
            gateway_ip="198.18.0.1",
            enable_dhcp=False,
            allocation_pools=[{"start": "198.18.0.10", "end": "198.18.0.250"}],
        )
    if "public" not in {network.name for network in cloud.network.networks()}:
        # The outside, as far as records go: addresses can be taken from it and given to servers.
        outside = cloud.network.create_network(
            name="public", is_router_external=True, provider_network_type="flat", provider_physical_network="outside"
        )
        cloud.network.create_subnet(
            network_id=outside.id,
            name="public",
            ip_version=4,
            cidr="198.18.1.0/24",
            gateway_ip="198.18.1.1",
            enable_dhcp=False,
        )
        router = cloud.network.create_router(name="router", external_gateway_info={"network_id": outside.id})
        inside = cloud.network.find_subnet("private")
        cloud.network.add_interface_to_router(router, subnet_id=inside.id)
    end = time.time() + 90
    while not any(host.state == "up" for host in cloud.compute.hypervisors(details=True)):
        if time.time() > end:
            raise SystemExit("no hypervisor appeared")
        time.sleep(0.5)


if __name__ == "__main__":
    {"identity": identity, "objects": objects}[sys.argv[1]](connect())
