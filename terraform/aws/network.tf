# The default network, or one of its own with a public subnet in up to three zones. Instances get public addresses because the
# workstation reaches them by SSH; nothing else gets in.

data "aws_vpc" "default" {
  count   = var.create_vpc ? 0 : 1
  default = true
}

data "aws_subnets" "default" {
  count = var.create_vpc ? 0 : 1

  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default[0].id]
  }

  filter {
    name   = "default-for-az"
    values = ["true"]
  }
}

data "aws_availability_zones" "here" {
  count = var.create_vpc ? 1 : 0
  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  zones   = var.create_vpc ? slice(data.aws_availability_zones.here[0].names, 0, min(3, length(data.aws_availability_zones.here[0].names))) : []
  vpc_id  = var.create_vpc ? aws_vpc.own[0].id : data.aws_vpc.default[0].id
  subnets = var.create_vpc ? aws_subnet.own[*].id : sort(data.aws_subnets.default[0].ids)
}

resource "aws_vpc" "own" {
  count                = var.create_vpc ? 1 : 0
  cidr_block           = var.vpc_cidr
  enable_dns_hostnames = true
  tags                 = { Name = var.name }
}

# Whatever is not given a group of its own can reach nothing.
resource "aws_default_security_group" "own" {
  count  = var.create_vpc ? 1 : 0
  vpc_id = aws_vpc.own[0].id
}

resource "aws_internet_gateway" "own" {
  count  = var.create_vpc ? 1 : 0
  vpc_id = aws_vpc.own[0].id
  tags   = { Name = var.name }
}

resource "aws_subnet" "own" {
  count                   = length(local.zones)
  vpc_id                  = aws_vpc.own[0].id
  availability_zone       = local.zones[count.index]
  cidr_block              = cidrsubnet(var.vpc_cidr, 4, count.index)
  map_public_ip_on_launch = true
  tags                    = { Name = "${var.name}-${local.zones[count.index]}" }
}

resource "aws_route_table" "own" {
  count  = var.create_vpc ? 1 : 0
  vpc_id = aws_vpc.own[0].id
  tags   = { Name = var.name }

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.own[0].id
  }
}

resource "aws_route_table_association" "own" {
  count          = length(local.zones)
  subnet_id      = aws_subnet.own[count.index].id
  route_table_id = aws_route_table.own[0].id
}

resource "aws_security_group" "instances" {
  name_prefix = "${var.name}-"
  description = "Instances of Pydron: SSH from the workstation, nothing else in"
  vpc_id      = local.vpc_id

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "ssh" {
  for_each          = toset(var.ssh_from)
  security_group_id = aws_security_group.instances.id
  description       = "SSH from the workstation"
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_ipv4         = strcontains(each.value, ":") ? null : each.value
  cidr_ipv6         = strcontains(each.value, ":") ? each.value : null
}

resource "aws_vpc_security_group_egress_rule" "all" {
  for_each          = toset(["0.0.0.0/0", "::/0"])
  security_group_id = aws_security_group.instances.id
  description       = "Packages, and values between instances"
  ip_protocol       = "-1"
  cidr_ipv4         = each.value == "::/0" ? null : each.value
  cidr_ipv6         = each.value == "::/0" ? each.value : null
}
