# Runs a command in a container made from a folder, as a container runtime would. Must run in its own namespaces.
# Arguments: root, agent's folder, "ro" or "rw", user, command …
set -e
root=$1 agent=$2 mode=$3 user=$4
shift 4
mount --bind "$root" "$root"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount --bind "$agent" "$root/berth"
mount -o remount,bind,ro "$root/berth"
for volume in home run; do
  if [ -d "$root/$volume" ]; then mount --bind "$root/$volume" "$root/$volume"; fi
done
if [ "$mode" = ro ]; then mount -o remount,bind,ro "$root"; fi
exec unshare --user --map-user="$user" --map-group="$user" --root="$root" --wd=/ "$@"
