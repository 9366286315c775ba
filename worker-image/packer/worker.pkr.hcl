# An image with the worker bundle baked in, for EC2 and OpenStack:
#
#     worker-image/bundle.sh build/bundle
#     packer init worker-image/packer
#     packer build -only=amazon-ebs.worker -var bundle=build/bundle/pydron-worker-….tar.gz worker-image/packer
#
# Instances started from it join some seconds sooner. Name it in the settings: image = "…".

packer {
  required_plugins {
    amazon = {
      source  = "github.com/hashicorp/amazon"
      version = ">= 1.3.0"
    }
    openstack = {
      source  = "github.com/hashicorp/openstack"
      version = ">= 1.1.2"
    }
  }
}

variable "bundle" {
  type        = string
  description = "The file that worker-image/bundle.sh has made."
}

variable "region" {
  type        = string
  default     = "eu-central-1"
  description = "Of EC2."
}

variable "source_image" {
  type        = string
  default     = ""
  description = "Of OpenStack: the name of a Debian or Ubuntu image with cloud-init."
}

variable "flavor" {
  type        = string
  default     = "m1.small"
  description = "Of OpenStack: what the image is built on."
}

variable "networks" {
  type        = list(string)
  default     = []
  description = "Of OpenStack: identities of the networks to build in."
}

locals {
  name = "pydron-worker-${formatdate("YYYYMMDD-hhmm", timestamp())}"
}

source "amazon-ebs" "worker" {
  region        = var.region
  instance_type = "t3.small"
  ami_name      = local.name
  ssh_username  = "admin"
  source_ami_filter {
    filters = {
      name                = "debian-12-amd64-*"
      virtualization-type = "hvm"
      root-device-type    = "ebs"
    }
    owners      = ["136693071363"] # Debian
    most_recent = true
  }
  metadata_options {
    http_tokens   = "required"
    http_endpoint = "enabled"
  }
  launch_block_device_mappings {
    device_name           = "/dev/xvda"
    volume_type           = "gp3"
    volume_size           = 8
    encrypted             = true
    delete_on_termination = true
  }
  tags = {
    Name             = local.name
    pydron-component = "worker-image"
  }
}

source "openstack" "worker" {
  image_name        = local.name
  source_image_name = var.source_image
  flavor            = var.flavor
  networks          = var.networks
  ssh_username      = "debian"
}

build {
  sources = ["source.amazon-ebs.worker", "source.openstack.worker"]

  provisioner "file" {
    source      = var.bundle
    destination = "/tmp/bundle.tar.gz"
  }

  provisioner "file" {
    source      = "${path.root}/../install.sh"
    destination = "/tmp/install.sh"
  }

  provisioner "shell" {
    inline = [
      "cloud-init status --wait || true",
      "sudo sh /tmp/install.sh /tmp/bundle.tar.gz",
      "rm -f /tmp/bundle.tar.gz /tmp/install.sh",
      # Each instance gets host keys of its own, and runs its own user data.
      "sudo rm -f /etc/ssh/ssh_host_*",
      "sudo cloud-init clean --logs || true",
    ]
  }
}
