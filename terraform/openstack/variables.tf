variable "cloud" {
  description = "Its name in clouds.yaml, for this set-up and for Pydron. Empty: the variables OS_*."
  type        = string
  default     = ""
}

variable "name" {
  description = "What the names of everything here begin with."
  type        = string
  default     = "pydron"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,40}$", var.name))
    error_message = "A name has 2 to 41 of a-z, 0-9 and '-', and begins with a letter."
  }
}

variable "ssh_from" {
  description = "Addresses that may reach instances by SSH, as CIDR blocks: the workstation's address as the cloud sees it, with /32."
  type        = list(string)

  validation {
    condition     = length(var.ssh_from) > 0 && alltrue([for block in var.ssh_from : can(cidrhost(block, 0))])
    error_message = "ssh_from needs at least one CIDR block, like [\"203.0.113.7/32\"]."
  }

  validation {
    condition     = alltrue([for block in var.ssh_from : !endswith(block, "/0")])
    error_message = "ssh_from must not be the whole world."
  }
}

variable "external_network" {
  description = "Name of the cloud's network to the outside (openstack network list --external)."
  type        = string
}

variable "floating_addresses" {
  description = "Whether each instance gets an address of the external network, for a workstation that is outside of the cloud."
  type        = bool
  default     = true
}

variable "subnet_cidr" {
  description = "Addresses of instances."
  type        = string
  default     = "10.83.0.0/20"
}

variable "dns_servers" {
  description = "Empty: those of the cloud."
  type        = list(string)
  default     = []
}

variable "public_key" {
  description = "An SSH public key that lets people in as the image's own user. Empty: none. Pydron itself needs none."
  type        = string
  default     = ""
}
