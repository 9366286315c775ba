# What an instance may do: read bundles, and nothing else. What the workstation may do: start instances, and end those with
# Pydron's tag.

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "instance" {
  statement {
    sid       = "ReadBundles"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.bundles.arn}/*"]
  }
}

resource "aws_iam_role" "instance" {
  name_prefix        = "${var.name}-instance-"
  description        = "Instances that Pydron starts"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_role_policy" "instance" {
  name   = "read-bundles"
  role   = aws_iam_role.instance.id
  policy = data.aws_iam_policy_document.instance.json
}

resource "aws_iam_instance_profile" "instance" {
  name_prefix = "${var.name}-"
  role        = aws_iam_role.instance.name
}

locals {
  ec2 = "arn:${data.aws_partition.here.partition}:ec2:${data.aws_region.here.name}:${data.aws_caller_identity.me.account_id}"
}

data "aws_iam_policy_document" "workstation" {
  statement {
    sid = "Look"
    actions = [
      "ec2:Describe*",
      "ec2:GetConsoleOutput",
      "pricing:GetProducts",
      "servicequotas:GetServiceQuota",
      "servicequotas:ListServiceQuotas",
      "sts:GetCallerIdentity",
    ]
    resources = ["*"]
  }

  # Images and subnets are used, what is made must be tagged in the same call.
  statement {
    sid     = "StartFrom"
    actions = ["ec2:RunInstances"]
    resources = concat(
      ["arn:${data.aws_partition.here.partition}:ec2:${data.aws_region.here.name}::image/*"],
      [for kind in ["subnet", "security-group", "network-interface", "key-pair"] : "${local.ec2}:${kind}/*"],
    )
  }

  statement {
    sid       = "StartTagged"
    actions   = ["ec2:RunInstances"]
    resources = [for kind in ["instance", "volume", "spot-instances-request"] : "${local.ec2}:${kind}/*"]

    condition {
      test     = "Null"
      variable = "aws:RequestTag/pydron-installation"
      values   = ["false"]
    }
  }

  statement {
    sid       = "TagWhatIsStarted"
    actions   = ["ec2:CreateTags"]
    resources = ["${local.ec2}:*/*"]

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["RunInstances", "RequestSpotInstances"]
    }
  }

  statement {
    sid = "EndOurs"
    actions = [
      "ec2:TerminateInstances",
      "ec2:CancelSpotInstanceRequests",
      "ec2:DeleteVolume",
      "ec2:DeleteKeyPair",
      "ec2:DeleteSecurityGroup",
      "ec2:CreateTags",
    ]
    resources = ["${local.ec2}:*/*"]

    condition {
      test     = "Null"
      variable = "aws:ResourceTag/pydron-installation"
      values   = ["false"]
    }
  }

  statement {
    sid       = "GiveInstancesTheirRole"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.instance.arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ec2.amazonaws.com"]
    }
  }

  statement {
    sid       = "StageBundles"
    actions   = ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"]
    resources = ["${aws_s3_bucket.bundles.arn}/*"]
  }

  statement {
    sid       = "ListBundles"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.bundles.arn]
  }
}

resource "aws_iam_policy" "workstation" {
  name_prefix = "${var.name}-workstation-"
  description = "What Pydron needs on the workstation: attach it to its user or role"
  policy      = data.aws_iam_policy_document.workstation.json
}
