# shellcheck shell=bash
# Writes the services' settings into $E. They follow from variables of tests/openstack/up, and are written each time.

SQL_ARGUMENTS="unix_socket=$STATE/run/mysql.sock&charset=utf8"
db() { echo "mysql+pymysql://root@localhost/$1?$SQL_ARGUMENTS"; }

# How a service logs in.
login() {
  cat << EOF
auth_url = http://$IP:$P_KEYSTONE
auth_type = password
project_domain_name = Default
user_domain_name = Default
project_name = service
username = $1
password = $LAB_SERVICE_PASSWORD
EOF
}
keystone_authtoken() {
  printf '[keystone_authtoken]\nwww_authenticate_uri = http://%s:%s\n' "$IP" "$P_KEYSTONE"
  login "$1"
}
# A section on how to call another service.
calling() {
  printf '[%s]\nregion_name = RegionOne\n' "$1"
  login "$2"
}

write_keystone() {
  cat > "$E/keystone.conf" << EOF
[DEFAULT]
log_file = $STATE/log/keystone.log
public_endpoint = http://$IP:$P_KEYSTONE/
[database]
connection = $(db keystone)
[token]
expiration = ${LAB_TOKEN_SECONDS:-3600}
provider = fernet
[fernet_tokens]
key_repository = $STATE/keystone/fernet
[credential]
key_repository = $STATE/keystone/credential
[cache]
enabled = true
backend = dogpile.cache.memory
EOF
  cat > "$STATE/wsgi/keystone.py" << 'EOF'
from keystone.server.wsgi import initialize_public_application
application = initialize_public_application()
EOF
}

write_glance() {
  cat > "$E/glance-api.conf" << EOF
[DEFAULT]
log_file = $STATE/log/glance-api.log
workers = 1
[database]
connection = $(db glance)
[glance_store]
stores = file
default_store = file
filesystem_store_datadir = $STATE/glance/images
[paste_deploy]
flavor = keystone
config_file = $E/glance-api-paste.ini
$(keystone_authtoken glance)
EOF
  cat > "$E/glance-api-paste.ini" << 'EOF'
[pipeline:glance-api-keystone]
pipeline = http_proxy_to_wsgi versionnegotiation authtoken context rootapp
[composite:rootapp]
paste.composite_factory = glance.api:root_app_factory
/: apiversions
/v2: apiv2app
[app:apiversions]
paste.app_factory = glance.api.versions:create_resource
[app:apiv2app]
paste.app_factory = glance.api.v2.router:API.factory
[filter:versionnegotiation]
paste.filter_factory = glance.api.middleware.version_negotiation:VersionNegotiationFilter.factory
[filter:context]
paste.filter_factory = glance.api.middleware.context:ContextMiddleware.factory
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
delay_auth_decision = true
[filter:http_proxy_to_wsgi]
paste.filter_factory = oslo_middleware:HTTPProxyToWSGI.factory
EOF
  cat > "$STATE/wsgi/glance.py" << 'EOF'
from glance.common.wsgi_app import init_app
application = init_app()
EOF
}

write_placement() {
  cat > "$E/placement.conf" << EOF
[DEFAULT]
log_file = $STATE/log/placement-api.log
[api]
auth_strategy = keystone
[placement_database]
connection = $(db placement)
$(keystone_authtoken placement)
EOF
  cat > "$STATE/wsgi/placement.py" << 'EOF'
from placement.wsgi import init_application
application = init_application()
EOF
}

write_neutron() {
  cat > "$E/neutron.conf" << EOF
[DEFAULT]
log_file = $STATE/log/neutron-server.log
state_path = $STATE/neutron
bind_host = $IP
bind_port = $P_NEUTRON
api_workers = 0
rpc_workers = 0
rpc_state_report_workers = 0
core_plugin = ml2
service_plugins = router
auth_strategy = keystone
transport_url = rabbit://guest:guest@$IP:$P_RABBIT/
api_paste_config = $E/neutron-api-paste.ini
dhcp_agent_notification = false
notify_nova_on_port_status_changes = true
notify_nova_on_port_data_changes = true
[database]
connection = $(db neutron)
[oslo_concurrency]
lock_path = $STATE/lock
$(calling nova nova)
$(calling placement placement)
$(keystone_authtoken neutron)
[ml2]
type_drivers = flat,local
tenant_network_types = local
mechanism_drivers = oslab
extension_drivers = port_security
[ml2_type_flat]
flat_networks = *
EOF
  cat > "$E/neutron-api-paste.ini" << 'EOF'
[composite:neutron]
use = egg:Paste#urlmap
/: neutronversions_composite
/v2.0: neutronapi_v2_0
[composite:neutronapi_v2_0]
use = call:neutron.auth:pipeline_factory
keystone = request_id catch_errors authtoken keystonecontext extensions neutronapiapp_v2_0
[composite:neutronversions_composite]
use = call:neutron.auth:pipeline_factory
keystone = http_proxy_to_wsgi neutronversions
[filter:request_id]
paste.filter_factory = oslo_middleware:RequestId.factory
[filter:catch_errors]
paste.filter_factory = oslo_middleware:CatchErrors.factory
[filter:http_proxy_to_wsgi]
paste.filter_factory = oslo_middleware.http_proxy_to_wsgi:HTTPProxyToWSGI.factory
[filter:keystonecontext]
paste.filter_factory = neutron.auth:NeutronKeystoneContext.factory
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
[filter:extensions]
paste.filter_factory = neutron.api.extensions:plugin_aware_extension_middleware_factory
[app:neutronversions]
paste.app_factory = neutron.pecan_wsgi.app:versions_factory
[app:neutronapiapp_v2_0]
paste.app_factory = neutron.api.v2.router:APIRouter.factory
EOF
  mkdir -p "$STATE/lib/oslab_ml2-1.0.dist-info"
  cp "$LAB_HERE/oslab_ml2.py" "$STATE/lib/"
  printf 'Metadata-Version: 2.1\nName: oslab-ml2\nVersion: 1.0\n' > "$STATE/lib/oslab_ml2-1.0.dist-info/METADATA"
  printf '[neutron.ml2.mechanism_drivers]\noslab = oslab_ml2:OslabMechanismDriver\n' \
    > "$STATE/lib/oslab_ml2-1.0.dist-info/entry_points.txt"
}

# Nova's fake driver: everything about a server is real but that no guest runs.
write_nova() {
  cat > "$E/nova.conf" << EOF
[DEFAULT]
log_dir = $STATE/log
state_path = $STATE/nova
instances_path = $STATE/nova/instances
host = oslab-compute
my_ip = $IP
transport_url = rabbit://guest:guest@$IP:$P_RABBIT/
compute_driver = fake.FakeDriver
osapi_compute_listen = $IP
osapi_compute_listen_port = $P_NOVA
osapi_compute_workers = 1
metadata_listen = $IP
reserved_host_memory_mb = 512
reserved_host_disk_mb = 1024
ram_allocation_ratio = 4.0
cpu_allocation_ratio = 16.0
[api]
auth_strategy = keystone
[wsgi]
api_paste_config = $E/api-paste.ini
[api_database]
connection = $(db nova_api)
[database]
connection = $(db nova)
[conductor]
workers = 1
[scheduler]
workers = 1
discover_hosts_in_cells_interval = 3
[quota]
instances = 50
cores = 200
ram = -1
[glance]
api_servers = http://$IP:$P_GLANCE
$(calling neutron neutron)
$(calling placement placement)
[vnc]
enabled = false
[oslo_concurrency]
lock_path = $STATE/lock
$(keystone_authtoken nova)
EOF
  cat > "$E/api-paste.ini" << 'EOF'
[composite:osapi_compute]
use = call:nova.api.openstack.urlmap:urlmap_factory
/: oscomputeversions
/v2.1: openstack_compute_api_v21
[composite:openstack_compute_api_v21]
use = call:nova.api.auth:pipeline_factory_v21
keystone = compute_req_id faultwrap request_log sizelimit authtoken keystonecontext osapi_compute_app_v21
[filter:request_log]
paste.filter_factory = nova.api.openstack.requestlog:RequestLog.factory
[filter:compute_req_id]
paste.filter_factory = nova.api.compute_req_id:ComputeReqIdMiddleware.factory
[filter:faultwrap]
paste.filter_factory = nova.api.openstack:FaultWrapper.factory
[filter:sizelimit]
paste.filter_factory = oslo_middleware:RequestBodySizeLimiter.factory
[app:osapi_compute_app_v21]
paste.app_factory = nova.api.openstack.compute:APIRouterV21.factory
[pipeline:oscomputeversions]
pipeline = faultwrap request_log oscomputeversionapp
[app:oscomputeversionapp]
paste.app_factory = nova.api.openstack.compute.versions:Versions.factory
[filter:keystonecontext]
paste.filter_factory = nova.api.auth:NovaKeystoneContext.factory
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
EOF
}

write_rabbit() {
  cat > "$E/rabbitmq.conf" << EOF
listeners.tcp.1 = $IP:$P_RABBIT
log.file.level = warning
disk_free_limit.absolute = 50MB
EOF
  echo '[].' > "$E/rabbit-plugins"
  [ -s "$STATE/rabbit/.erlang.cookie" ] || {
    head -c 20 /dev/urandom | od -An -tx1 | tr -d ' \n' > "$STATE/rabbit/.erlang.cookie"
    chmod 400 "$STATE/rabbit/.erlang.cookie"
  }
}

write_openrc() { # USER PASSWORD PROJECT
  cat << EOF
export OS_AUTH_URL=http://$IP:$P_KEYSTONE/v3
export OS_IDENTITY_API_VERSION=3
export OS_USERNAME=$1
export OS_PASSWORD=$2
export OS_PROJECT_NAME=$3
export OS_USER_DOMAIN_NAME=Default
export OS_PROJECT_DOMAIN_NAME=Default
export OS_REGION_NAME=RegionOne
EOF
}
