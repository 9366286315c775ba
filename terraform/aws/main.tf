provider "aws" {
  region  = var.region == "" ? null : var.region
  profile = var.profile == "" ? null : var.profile

  default_tags {
    tags = merge({ "made-by" = "pydron-terraform" }, var.tags)
  }
}

data "aws_region" "here" {}

data "aws_caller_identity" "me" {}

data "aws_partition" "here" {}
