variable "region" {
  description = "Where instances run. Empty: as the AWS profile or AWS_REGION says."
  type        = string
  default     = ""
}

variable "profile" {
  description = "Profile of the AWS files, for this set-up and for Pydron. Empty: the default chain."
  type        = string
  default     = ""
}

variable "name" {
  description = "What the names of everything here begin with."
  type        = string
  default     = "pydron"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}$", var.name))
    error_message = "A name has 2 to 21 of a-z, 0-9 and '-', and begins with a letter."
  }
}

variable "ssh_from" {
  description = "Addresses that may reach instances by SSH, as CIDR blocks: the workstation's public address, with /32."
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

variable "create_vpc" {
  description = "Whether to make a network of its own; otherwise the region's default one is used."
  type        = bool
  default     = false
}

variable "vpc_cidr" {
  description = "Addresses of the network of its own."
  type        = string
  default     = "10.83.0.0/16"
}

variable "bucket_days" {
  description = "After so many days what was staged in the bucket is deleted."
  type        = number
  default     = 14

  validation {
    condition     = var.bucket_days >= 1
    error_message = "bucket_days must be at least 1."
  }
}

variable "budget_per_month" {
  description = "US dollars a month for the whole account; somebody is told at 80 % and when 100 % are foreseen. Needs budget_emails."
  type        = number
  default     = 100

  validation {
    condition     = var.budget_per_month > 0
    error_message = "budget_per_month must be more than 0."
  }
}

variable "budget_emails" {
  description = "Who is told about the budget. Empty: no budget is made."
  type        = list(string)
  default     = []
}

variable "tags" {
  description = "Tags on everything here."
  type        = map(string)
  default     = {}
}
