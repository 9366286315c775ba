output "pydron" {
  description = "Keys of [cloud.NAME] in Pydron's settings: pydron cloud add --terraform DIR reads them."
  value = {
    kind               = "aws"
    profile            = var.profile
    region             = data.aws_region.here.name
    subnets            = local.subnets
    "security-groups"  = [aws_security_group.instances.id]
    "public-address"   = true
    "instance-profile" = aws_iam_instance_profile.instance.name
    bucket             = aws_s3_bucket.bundles.bucket
  }
}

output "bucket" {
  description = "Where bundles are staged."
  value       = aws_s3_bucket.bundles.bucket
}

output "workstation_policy" {
  description = "ARN of the policy that the workstation's user or role needs."
  value       = aws_iam_policy.workstation.arn
}
