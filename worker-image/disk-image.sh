#!/usr/bin/env bash
# worker-image/disk-image.sh [--suite SUITE] [--mirror URL] [--size GIB] [--packages A,B,…] BUNDLE OUTPUT: makes OUTPUT, the
# disk of a machine for workers, from nothing but a Debian mirror: a kernel, cloud-init, sshd, Python, and BUNDLE (made by
# bundle.sh) baked in. OUTPUT is a raw disk, or, when it ends in .qcow2, in that form.
#
# It boots by BIOS on KVM and on EC2's and OpenStack's x86-64 machines; takes its user data from EC2, OpenStack, a config
# drive or NoCloud; and has its address by DHCP on every interface. Root has no password, and there is no other user.
#
#     worker-image/disk-image.sh build/bundle/pydron-worker-….tar.gz build/worker.qcow2
#     openstack image create --disk-format qcow2 --file build/worker.qcow2 pydron-worker
#
# Needs root, debootstrap, e2fsprogs, and qemu-utils for qcow2. Three minutes.
#
# Exit codes: 1 it cannot be made, and why; 2 wrong arguments; 3 not as root, or something is not installed.
set -eu

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# What the machine is made of; Python packages that programs require come when they are needed.
packages=systemd-sysv,systemd-resolved,dbus,udev,kmod,linux-image-cloud-amd64,initramfs-tools,grub-common,grub-pc-bin,e2fsprogs
packages+=,cloud-init,cloud-guest-utils,fdisk,openssh-server,python3,python3-venv,iproute2,procps,ca-certificates

fail() {
  echo "disk-image: $1" >&2
  exit "${2:-1}"
}

suite=bookworm
mirror=
size=4
plain=()
while [ $# -gt 0 ]; do
  case $1 in
    --suite) suite=${2-}; shift ;;
    --mirror) mirror=${2-}; shift ;;
    --size) size=${2-}; shift ;;
    --packages) packages+=,${2-}; shift ;;
    -*) fail "unknown option $1" 2 ;;
    *) plain+=("$1") ;;
  esac
  shift || fail "an option lacks its value" 2
done
[ ${#plain[@]} = 2 ] || fail "usage: worker-image/disk-image.sh [--suite SUITE] [--mirror URL] [--size GIB] [--packages A,B,…] BUNDLE OUTPUT" 2
case $size in '' | *[!0-9]* | 0 | 1) fail "--size: '$size' is not a number of GiB of at least 2" 2 ;; esac
bundle=${plain[0]}
output=${plain[1]}
gzip -t "$bundle" 2> /dev/null || fail "'$bundle' is no bundle: worker-image/bundle.sh makes one"
[ "$(uname -m)" = x86_64 ] || fail "disks are made for x86-64, on such a machine; this is a $(uname -m)" 3
[ "$(id -u)" = 0 ] || fail "must run as root: debootstrap and chroot need it" 3
missing=()
for tool in debootstrap:debootstrap mkfs.ext4:e2fsprogs; do
  command -v "${tool%:*}" > /dev/null || missing+=("${tool#*:}")
done
case $output in *.qcow2) command -v qemu-img > /dev/null || missing+=(qemu-utils) ;; esac
[ ${#missing[@]} = 0 ] || fail "please install: ${missing[*]}" 3

work=$(mktemp -d "$(dirname "$output")/disk-image.XXXXXX")
root=$work/root
clean() {
  ! mountpoint -q "$root/proc" || umount "$root/proc"
  rm -rf "$work"
}
trap clean EXIT

echo "disk-image: bootstrapping $suite" >&2
mkdir -m 755 "$root"
debootstrap --variant=minbase "$suite" "$root" ${mirror:+"$mirror"} > "$work/log" 2>&1 || {
  tail -n 8 "$work/log" "$root/debootstrap/debootstrap.log" >&2 2> /dev/null || true
  fail "debootstrap failed"
}
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
# Nothing is started here by being installed.
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
cp /etc/resolv.conf "$root/etc/resolv.conf"
echo "disk-image: installing" >&2
# shellcheck disable=SC2086  # the packages are words
chroot "$root" sh -c 'apt-get update -qq && exec env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"' \
  sh ${packages//,/ } > "$work/log" 2>&1 || {
  tail -n 8 "$work/log" >&2
  fail "packages could not be installed"
}
rm "$root/usr/sbin/policy-rc.d"
cp "$here/install.sh" "$root/tmp/install.sh"
cp "$bundle" "$root/tmp/bundle.tar.gz"
chroot "$root" sh /tmp/install.sh /tmp/bundle.tar.gz >&2
rm "$root/tmp/install.sh" "$root/tmp/bundle.tar.gz"

echo "LABEL=pydron-root / ext4 defaults,errors=remount-ro 0 1" > "$root/etc/fstab"
echo pydron-worker > "$root/etc/hostname"
mkdir -p "$root/etc/systemd/network" "$root/etc/cloud/cloud.cfg.d" "$root/boot/grub"
cat > "$root/etc/systemd/network/80-dhcp.network" << 'END'
[Match]
Type=ether
[Network]
DHCP=yes
END
ln -sf /run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
cat > "$root/etc/cloud/cloud.cfg.d/90-pydron.cfg" << 'END'
# Where user data may come from; it is a script. The network is systemd's.
datasource_list: [NoCloud, ConfigDrive, OpenStack, Ec2, None]
datasource: {Ec2: {strict_id: false}}
network: {config: disabled}
disable_root: true
users: []
locale: false
preserve_hostname: false
END
chroot "$root" systemctl enable systemd-networkd systemd-resolved ssh > /dev/null 2>&1

# A BIOS reads the first sector, which loads what grub-mkimage makes; that finds the rest by the file system's label.
cat > "$root/boot/grub/grub.cfg" << 'END'
set timeout=0
linux /vmlinuz root=LABEL=pydron-root ro console=tty0 console=ttyS0,115200 net.ifnames=0
initrd /initrd.img
boot
END
echo 'search --no-floppy --label pydron-root --set root
configfile /boot/grub/grub.cfg' > "$root/tmp/early.cfg"
chroot "$root" grub-mkimage --format i386-pc --prefix /boot/grub --config /tmp/early.cfg --output /tmp/core.img \
  biosdisk part_msdos ext2 search search_label configfile normal linux serial
mv "$root/tmp/core.img" "$work/"
cp "$root/usr/lib/grub/i386-pc/boot.img" "$work/"
if [ ! -e "$root/vmlinuz" ] || [ ! -e "$root/initrd.img" ]; then fail "no kernel was installed"; fi

# Each machine gets keys and an identity of its own.
rm -rf "$root"/etc/ssh/ssh_host_* "$root"/tmp/* "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* \
  "$root"/usr/share/doc "$root"/usr/share/man "$root"/var/log/*.log "$root"/var/lib/cloud
: > "$root/etc/machine-id"
umount "$root/proc"

echo "disk-image: writing $output" >&2
used=$(du -s --block-size=1M "$root" | cut -f1)
[ "$((used + 500))" -lt "$((size * 1024))" ] || fail "the content takes $used MB: give a larger --size"
disk=$work/disk
truncate -s "${size}G" "$disk"
# One partition, to be started from, of Linux' type, from sector 2048 to the end.
sectors=$((size * 2097152 - 2048))
{
  printf '\x80\xfe\xff\xff\x83\xfe\xff\xff\x00\x08\x00\x00'
  # shellcheck disable=SC2059  # the format is made of the number's bytes
  printf "$(printf '\\x%02x' $((sectors & 255)) $((sectors >> 8 & 255)) $((sectors >> 16 & 255)) $((sectors >> 24 & 255)))"
} | dd of="$disk" bs=1 seek=446 conv=notrunc status=none
printf '\x55\xaa' | dd of="$disk" bs=1 seek=510 conv=notrunc status=none
# What GRUB can read, whatever this machine's mkfs would choose.
cat > "$work/mke2fs.conf" << 'END'
[defaults]
base_features = sparse_super,large_file,filetype,resize_inode,dir_index,ext_attr
[fs_types]
ext4 = {
  features = has_journal,extent,huge_file,flex_bg,64bit,dir_nlink,extra_isize
  inode_size = 256
}
END
MKE2FS_CONFIG=$work/mke2fs.conf mkfs.ext4 -q -F -L pydron-root -d "$root" -E offset=1048576 "$disk" "$((size * 1024 * 1024 - 1024))k"
[ "$(stat -c %s "$work/core.img")" -lt $((2047 * 512)) ] || fail "the boot loader is too large for its place"
# Not over the partition table, which is in the same sector.
dd if="$work/boot.img" of="$disk" bs=1 count=440 conv=notrunc status=none
dd if="$work/core.img" of="$disk" bs=512 seek=1 conv=notrunc status=none
case $output in
  *.qcow2) qemu-img convert -O qcow2 -c "$disk" "$work/done" ;;
  *) mv "$disk" "$work/done" ;;
esac
mv "$work/done" "$output"
echo "$output"
