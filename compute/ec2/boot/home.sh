#!/bin/bash
# Runs as root at each boot. Waits until the machine is leased, which its tags tell, and makes the home of it.
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

# What a tag says goes no further than this unless it has the very form it must have.
wanted() {
  local value
  until value=$(tag "$1") && [[ $value =~ ^($2)$ ]]; do sleep 0.5; done
  printf %s "$value"
}

volume=$(wanted berth:home-volume 'vol-[0-9a-f]{8,17}')
home=$(wanted berth:home-path '/(home|mnt|workspaces)/[a-z0-9][a-z0-9._-]{0,62}')
workspace=$(wanted berth:workspace 'ws-[0-9a-z]{26}')

device=$disks/nvme-Amazon_Elastic_Block_Store_${volume/-/}
until [[ -e $device ]]; do sleep 0.2; done

fresh=
if ! blkid -p "$device" > /dev/null; then
  # blkid also fails on a disk that it cannot read, and that one may be somebody's home: only zeros are made a file system.
  if ! cmp -s -n 1048576 "$device" /dev/zero; then
    echo "berth: $volume holds something that is no file system; it is left as it is" >&2
    exit 1
  fi
  mkfs.ext4 -q -L berth-home "$device"
  fresh=1
fi
if ! mountpoint -q "$home"; then
  fsck.ext4 -p "$device" || [[ $? -le 1 ]]
  mkdir -p "$home"
  mount -t ext4 -o nosuid,nodev "$device" "$home"
fi
resize2fs "$device"

# A number of its own: the image's first account may be an administrator.
id "$account" > /dev/null 2>&1 || useradd --uid 2000 --home-dir "$home" --no-create-home --shell /bin/bash "$account"
if [[ $fresh ]]; then cp -rT /etc/skel "$home" && chown -R "$account:" "$home"; fi

mkdir -p "$run"
printf 'HOME=%s\nBERTH_WORKSPACE_ID=%s\n' "$home" "$workspace" > "$run/agent.env"
