#!/bin/sh
# Installs the Debian packages that are named, as root, and leaves no daemon behind: Debian starts a broker on port 1883 as
# soon as mosquitto is installed and again at every boot. Starting is refused meanwhile (policy-rc.d), and the service disabled.
set -eu
export DEBIAN_FRONTEND=noninteractive

policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

apt() { apt-get -qq -y -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@"; }

# The lists of a fresh machine are empty, those of an old one out of date.
apt install --no-install-recommends "$@" 2>/dev/null || {
  apt update
  apt install --no-install-recommends "$@"
}

case " $* " in
  *' mosquitto '*)
    if command -v systemctl >/dev/null; then systemctl disable mosquitto >/dev/null 2>&1 || true; fi
    ;;
esac
