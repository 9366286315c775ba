#!/usr/bin/env bash
# scripts/check-terraform.sh: whether the files in terraform/ are formatted, and valid as far as their providers can be had; and
# whether the Packer template, which is in the same language, can be read, and the files that it names are there. What could
# not be looked at is said, and is no failure: users need no Terraform.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../terraform" || exit 1

if ! command -v terraform > /dev/null; then
  echo "check-terraform: NOT RUN: there is no terraform here; it tests terraform/ (developer.hashicorp.com/terraform/install)" >&2
  exit 0
fi
[ -r "${TF_CLI_CONFIG_FILE-}" ] || unset TF_CLI_CONFIG_FILE
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
result=0

terraform fmt -check -diff -recursive . || {
  echo "check-terraform: 'terraform fmt -recursive terraform' mends this" >&2
  result=1
}

packer=../worker-image/packer
for template in "$packer"/*.pkr.hcl; do
  terraform fmt -check -diff - < "$template" || {
    echo "check-terraform: '$template' cannot be read as it is, or is not formatted" >&2
    result=1
  }
  # shellcheck disable=SC2013,SC2016  # words without blanks; a variable of Packer's own
  for file in $(sed -n 's:.*"${path\.root}/\([^"]*\)".*:\1:p' "$template"); do
    [ -f "$packer/$file" ] || {
      echo "check-terraform: '$template' names '$file', which is not there" >&2
      result=1
    }
  done
  grep -oE 'var\.[a-z_]+' "$template" | sort -u | while read -r name; do
    grep -q "^variable \"${name#var.}\" {" "$template" || {
      echo "check-terraform: '$template' uses '$name', which it does not declare" >&2
      exit 1
    }
  done || result=1
done

# Folders that mirror the registry of providers, besides those that Terraform knows.
mirror=${PYDRON_TERRAFORM_MIRROR-}
for folder in /opt/*/; do
  [ -z "$mirror" ] && [ -d "${folder}registry.terraform.io" ] && mirror=${folder%/}
done
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_DATA_DIR=$work/data
for module in aws openstack; do
  cp -r "$module" "$work/$module"
  # With a mirror only that is used; it has all of a module's providers or Terraform says which one it lacks.
  if [ -n "$mirror" ]; then
    printf 'provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' "$mirror" > "$work/terraformrc"
    export TF_CLI_CONFIG_FILE=$work/terraformrc
  fi
  if ! timeout 120 terraform -chdir="$work/$module" init -backend=false -input=false -no-color > "$work/log" 2>&1; then
    echo "check-terraform: $module is formatted and NOT VALIDATED, its provider cannot be had:" >&2
    grep -m 1 -A 6 'Error' "$work/log" >&2
  elif terraform -chdir="$work/$module" validate -no-color; then
    echo "check-terraform: $module is valid"
  else
    result=1
  fi
  rm -rf "$work/data"
done
exit $result
