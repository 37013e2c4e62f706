#!/bin/bash
# Runs as root at each boot. Waits until the instance's tags show that it is leased, and mounts the home that they name.
set -euo pipefail

disks=${BERTH_DISKS:-/dev/disk/by-id}
run=${BERTH_RUN:-/run/berth}
metadata=${BERTH_METADATA:-http://169.254.169.254}/latest
account=berth

tag() {
  local token
  token=$(curl -sf -m 2 -X PUT -H 'x-aws-ec2-metadata-token-ttl-seconds: 60' "$metadata/api/token") &&
    curl -sf -m 2 -H "x-aws-ec2-metadata-token: $token" "$metadata/meta-data/tags/instance/$1"
}

# Waits until a tag has a value that matches a pattern. Values become paths and commands, so no other value is used.
waitForTag() {
  local value
  until value=$(tag "$1") && [[ $value =~ ^($2)$ ]]; do sleep 0.5; done
  printf %s "$value"
}

volume=$(waitForTag berth:home-volume 'vol-[0-9a-f]{8,17}')
home=$(waitForTag berth:home-path '/(home|mnt|workspaces)/[a-z0-9][a-z0-9._-]{0,62}')
workspace=$(waitForTag berth:workspace 'ws-[0-9a-z]{26}')

device=$disks/nvme-Amazon_Elastic_Block_Store_${volume/-/}
until [[ -e $device ]]; do sleep 0.2; done

# Whether the disk has only zeros where file systems, partition tables and their backups store data. A disk that cannot
# be read does not count as empty.
isEmpty() {
  local mebibytes offset
  mebibytes=$(($(blockdev --getsize64 "$device") / 1048576))
  for offset in 0 64 128 $((mebibytes / 4)) $((mebibytes / 2)) $((mebibytes - 1)); do
    ((offset >= mebibytes)) || cmp -s -n 1048576 -i "$((offset * 1048576)):0" "$device" /dev/zero || return 1
  done
}

# blkid also fails on a disk that it cannot read, and such a disk may contain a home.
kind=$(blkid -p -o value -s TYPE "$device" || true)
if [[ ! $kind ]] && isEmpty; then
  mkfs.ext4 -q -L berth-home "$device"
  kind=ext4
fi
if [[ $kind != ext4 ]]; then
  echo "berth: $volume contains something other than a home (${kind:-no file system}) and was not changed. Attach it to another instance and repair it there." >&2
  exit 1
fi
if ! mountpoint -q "$home"; then
  fsck.ext4 -p "$device" || [[ $? -le 1 ]]
  mkdir -p "$home"
  mount -t ext4 -o nosuid,nodev "$device" "$home"
fi
resize2fs "$device" || echo "berth: the file system of $volume could not grow; the home keeps its size" >&2

# A fixed user id, because the image's first account may be an administrator.
id "$account" > /dev/null 2>&1 || useradd --uid 2000 --home-dir "$home" --no-create-home --shell /bin/bash "$account"
# On a persistent VM the account may have been created with the home at another path.
[[ $(getent passwd "$account" | cut -d: -f6) = "$home" ]] || usermod --home "$home" "$account"
# A new file system belongs to root. chown changes the home itself last, so the next boot repeats what was interrupted.
if [[ $(stat -c %u "$home") = 0 ]]; then cp -rnT /etc/skel "$home" && chown -R "$account:" "$home"; fi

mkdir -p "$run"
printf 'HOME=%s\nBERTH_WORKSPACE_ID=%s\n' "$home" "$workspace" > "$run/agent.env"
