#!/bin/bash
#
# Runs a command under a real systemd, and ends with the command's exit status.
#
#   with-systemd.sh [OPTION...] [--] COMMAND [ARGUMENT...]
#
#   --bind PATH[:TARGET]  show PATH of this machine inside, writable, at TARGET (default: PATH); may be repeated
#   --layer DIRECTORY     copy DIRECTORY over the root first, such as DIRECTORY/etc/systemd/system/x.service; may be
#                         repeated
#   --host-net            share this machine's network; else there is only a loopback interface of its own
#   --journal FILE        leave the journal in FILE, as text
#   --verbose             show systemd's own messages
#
# A system manager, journald and D-Bus boot as PID 1 of fresh PID, mount, cgroup, UTS, IPC and network namespaces, over
# a throw-away overlay of this machine's root. All of this machine is visible inside; what is written inside goes to
# memory and vanishes at the end, but for what --bind shows. Standard input and output are the command's.
#
# Needs root, the Debian packages systemd, dbus, util-linux and iproute2, and a kernel with overlayfs and cgroup2.
# Exit status: the command's, else 64 for wrong usage, 77 where this machine cannot do it, 125 when the boot failed.

set -u

prog=${0##*/}

fail() { # STATUS MESSAGE...
  local status=$1
  shift
  printf '%s: %s\n' "$prog" "$*" >&2
  exit "$status"
}

usage() { sed -n '3,/^# Exit status/s/^# \{0,1\}//p' "$0"; }

binds=() layers=() host_net=no journal='' verbose=no
while [ $# -gt 0 ]; do
  case $1 in
    --bind | --layer | --journal) [ $# -gt 1 ] || fail 64 "$1 needs a value" ;;
  esac
  case $1 in
    --bind)
      case $2 in *:*) binds+=("$2") ;; *) binds+=("$2:$2") ;; esac
      shift 2
      ;;
    --layer)
      layers+=("$(cd "$2" && pwd)") || fail 64 "no such directory: $2"
      shift 2
      ;;
    --journal) journal=$2 && shift 2 ;;
    --host-net) host_net=yes && shift ;;
    --verbose) verbose=yes && shift ;;
    --help) usage && exit 0 ;;
    --) shift && break ;;
    -*) fail 64 "unknown option $1" ;;
    *) break ;;
  esac
done
[ $# -gt 0 ] || { usage >&2 && exit 64; }
[ "$(id -u)" = 0 ] || fail 77 'needs root'
for tool in /lib/systemd/systemd dbus-daemon unshare nsenter setpriv ip; do
  command -v "$tool" >/dev/null || fail 77 "$tool is missing: apt-get install systemd dbus util-linux iproute2"
done

# ---- State outside: one directory, one cgroup, both named after each other, so that leavings can be told.

state_prefix=/tmp/toolauthd-systemd
for left in "$state_prefix".*/; do # of runs that were killed
  if [ -f "$left/pid" ] && ! kill -0 "$(cat "$left/pid")" 2>/dev/null; then rm -rf --one-file-system "$left"; fi
done
state=$(mktemp -d "$state_prefix.XXXXXX") || fail 77 'cannot make a directory in /tmp'
echo $$ >"$state/pid"
mkdir "$state/root"
work_directory=$PWD
boot_pid='' first_pid='' cgroup='' own_cgroup_mount=no

remove_cgroup() { find "$1" -depth -type d -exec rmdir {} + 2>/dev/null; }

# shellcheck disable=SC2317  # called by the trap
cleanup() {
  trap '' INT TERM
  if [ -n "$boot_pid" ]; then
    if [ -n "$first_pid" ]; then
      kill -s RTMIN+4 "$first_pid" 2>/dev/null # systemd takes it for poweroff
      for _ in $(seq 200); do
        kill -0 "$boot_pid" 2>/dev/null || break
        sleep 0.1
      done
    fi
    if kill -0 "$boot_pid" 2>/dev/null; then
      [ -z "$first_pid" ] || printf '%s: the system did not stop and is killed\n' "$prog" >&2
      kill -KILL "$boot_pid" # takes its child along, and that all others
    fi
    wait "$boot_pid" 2>/dev/null
  fi
  if [ -n "$cgroup" ]; then
    for _ in $(seq 50); do
      remove_cgroup "$cgroup"
      [ -d "$cgroup" ] || break
      sleep 0.1
    done
  fi
  [ "$own_cgroup_mount" = no ] || umount "$state/cgroup"
  rm -rf --one-file-system "$state"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# On machines of the hybrid layout, cgroup2 is mounted elsewhere than at /sys/fs/cgroup, or not at all.
cgroup_mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
if [ -z "$cgroup_mount" ]; then
  cgroup_mount=$state/cgroup
  mkdir "$cgroup_mount"
  mount -t cgroup2 none "$cgroup_mount" || fail 77 'cannot mount cgroup2'
  own_cgroup_mount=yes
fi
for left in "$cgroup_mount/${state_prefix##*/}".*/; do
  if [ -d "$left" ] && [ ! -d "/tmp/$(basename "$left")" ]; then remove_cgroup "$left"; fi
done
cgroup=$cgroup_mount/${state##*/}
mkdir "$cgroup" || fail 77 'cannot make a cgroup'

# ---- The boot: the file below runs as PID 1 of the new namespaces and becomes systemd.

cat >"$state/boot" <<'BOOT'
#!/bin/bash
# boot STATE VERBOSE LAYERS BINDS; LAYERS and BINDS are lists, one item a line
set -eu
state=$1 verbose=$2 layers=$3 binds=$4

mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$state/root"
mkdir "$state/root/upper" "$state/root/work" "$state/root/merged"
mount -t overlay overlay -o "lowerdir=/,upperdir=$state/root/upper,workdir=$state/root/work" "$state/root/merged"
root=$state/root/merged

while read -r layer; do
  [ -n "$layer" ] || continue
  tar -C "$layer" -c . | tar -C "$root" -x --keep-directory-symlink --no-overwrite-dir
done <<<"$layers"

mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
# What /proc/sys holds belongs to the whole machine, but for the network's part.
mount --bind "$root/proc/sys" "$root/proc/sys"
mount --bind "$root/proc/sys/net" "$root/proc/sys/net"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o nosuid,nodev,noexec sysfs "$root/sys" 2>/dev/null || mount --rbind /sys "$root/sys"
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$root/sys/fs/cgroup"

mount -t tmpfs -o mode=755,nosuid tmpfs "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
for node in null zero full random urandom tty; do
  : >"$root/dev/$node"
  mount --bind "/dev/$node" "$root/dev/$node"
done
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for pair in 0:stdin 1:stdout 2:stderr; do ln -s "fd/${pair%:*}" "$root/dev/${pair#*:}"; done
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/dev/shm"
mount -t tmpfs -o mode=755,nosuid,nodev tmpfs "$root/run"
rm -rf "$root/var/log/journal"

while read -r bind; do
  [ -n "$bind" ] || continue
  source=${bind%%:*} target=$root${bind#*:}
  if [ -d "$source" ]; then
    mkdir -p "$target"
  else
    mkdir -p "$(dirname "$target")"
    : >>"$target"
  fi
  mount --rbind "$source" "$target"
done <<<"$binds"

# Units that want hardware, a network or a clock of their own are masked.
units=$root/run/systemd/system
mkdir -p "$units" "$root/run/systemd/journald.conf.d"
cat >"$units/toolauthd-test.target" <<'UNIT'
[Unit]
Description=Minimal system for tests
Requires=basic.target
Wants=dbus.socket
After=basic.target
AllowIsolate=yes
UNIT
cat >"$root/run/systemd/journald.conf.d/toolauthd-test.conf" <<'CONF'
[Journal]
Storage=volatile
RateLimitIntervalSec=0
Audit=
ForwardToConsole=no
CONF
# Debian empties /tmp at boot, and /tmp may be shown from outside: never here.
mkdir -p "$root/run/tmpfiles.d" "$units/systemd-tmpfiles-setup.service.d"
echo 'd /tmp 1777 root root -' >"$root/run/tmpfiles.d/tmp.conf"
cat >"$units/systemd-tmpfiles-setup.service.d/no-remove.conf" <<'CONF'
[Service]
ExecStart=
ExecStart=systemd-tmpfiles --create --boot --exclude-prefix=/dev
CONF
for unit in \
  apt-daily-upgrade.timer apt-daily.timer console-getty.service dev-hugepages.mount dev-mqueue.mount \
  dpkg-db-backup.timer e2scrub_all.timer fstrim.timer getty.target ifupdown-pre.service \
  kmod-static-nodes.service man-db.timer networking.service proc-sys-fs-binfmt_misc.automount \
  sys-fs-fuse-connections.mount sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount \
  systemd-firstboot.service systemd-hwdb-update.service systemd-journald-audit.socket \
  systemd-modules-load.service systemd-networkd.service systemd-pstore.service systemd-random-seed.service \
  systemd-remount-fs.service systemd-resolved.service systemd-sysctl.service systemd-timesyncd.service \
  systemd-tmpfiles-clean.service systemd-tmpfiles-clean.timer systemd-udev-trigger.service \
  systemd-udevd-control.socket systemd-udevd-kernel.socket systemd-udevd.service systemd-update-utmp.service \
  tmp.mount; do
  ln -sf /dev/null "$units/$unit"
done
: >"$root/etc/fstab"
echo toolauthd-test >"$root/etc/hostname"
ip link set lo up 2>/dev/null || :

cd "$root"
mkdir .outside
pivot_root . .outside
cd /
umount -l /.outside
rmdir /.outside 2>/dev/null || :
# Credentials are mounted by a helper and must reach the service; in a container systemd leaves this to its maker.
mount --make-rshared /

options=(--log-target=journal --show-status=0)
if [ "$verbose" = yes ]; then
  options=(--log-target=console --log-level=info --show-status=1)
else
  exec >/dev/null 2>&1
fi
exec </dev/null env -i container=toolauthd-test LANG=C.UTF-8 \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --system --unit=toolauthd-test.target "${options[@]}"
BOOT

namespaces=(--mount --pid --uts --ipc --cgroup)
enter_flags=(--mount --pid --uts --ipc --cgroup)
if [ "$host_net" = no ]; then
  namespaces+=(--net)
  enter_flags+=(--net)
fi
lines() { [ $# -eq 0 ] || printf '%s\n' "$@"; }
layer_lines=$(lines ${layers[@]+"${layers[@]}"})
bind_lines=$(lines ${binds[@]+"${binds[@]}"})
(
  # Into the cgroup first: it becomes the root of the cgroup namespace.
  echo "$BASHPID" >"$cgroup/cgroup.procs" || exit 77
  exec setpriv --pdeathsig KILL unshare "${namespaces[@]}" --fork --kill-child=KILL bash "$state/boot" "$state" \
    "$verbose" "$layer_lines" "$bind_lines"
) >&2 &
boot_pid=$!

deadline=$((SECONDS + 120)) # a busy machine is slow
while [ "$SECONDS" -lt "$deadline" ] && kill -0 "$boot_pid" 2>/dev/null; do
  # The only child that it ever has.
  read -r first_pid _ 2>/dev/null <"/proc/$boot_pid/task/$boot_pid/children"
  [ -z "$first_pid" ] || break
  sleep 0.02
done
[ -n "$first_pid" ] || fail 125 'the namespaces could not be made'

enter() { nsenter --target "$first_pid" "${enter_flags[@]}" -- "$@"; }

boot_state=unknown
while [ "$SECONDS" -lt "$deadline" ]; do
  kill -0 "$boot_pid" 2>/dev/null || fail 125 'the system died while it booted'
  if [ "$(cat "/proc/$first_pid/comm" 2>/dev/null)" = systemd ]; then
    boot_state=$(enter systemctl is-system-running 2>/dev/null)
    case $boot_state in running | degraded) break ;; esac
  fi
  sleep 0.05
done
case $boot_state in
  running) ;;
  degraded)
    printf '%s: units failed at boot:\n' "$prog" >&2
    enter systemctl --failed --no-legend --no-pager >&2
    ;;
  *)
    enter systemctl list-jobs --no-pager >&2
    fail 125 "the boot did not finish within 2 minutes (state $boot_state)"
    ;;
esac
# The helper that waits outside must not show up inside, as a process without an id.
echo "$boot_pid" >"$cgroup_mount/cgroup.procs" 2>/dev/null

# As a scope the command has this terminal and a cgroup of its own.
# shellcheck disable=SC2016  # expanded by the inner shell
enter env -u NOTIFY_SOCKET -u LISTEN_FDS systemd-run --scope --quiet --unit=toolauthd-test-command \
  bash -c 'cd "$0" 2>/dev/null || cd /; exec "$@"' "$work_directory" "$@" <&0 &
wait $!
status=$?
[ -z "$journal" ] || enter journalctl --no-pager -o short-precise >"$journal" 2>&1
exit "$status"
