# shellcheck shell=bash
# What `run` and `test` share: bringing a fresh Debian or Ubuntu that has a Rust
# toolchain to where the project builds and starts. To be sourced, after `set -euo
# pipefail`. Installs nothing that is there already, so that a second time costs nothing.

root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)"
target="${CARGO_TARGET_DIR:-target}"
[[ $target == /* ]] || target="$root/$target"

say() { printf '== %s\n' "$*" >&2; }

die() {
    printf '!! %s\n' "$*" >&2
    exit 1
}

have() { command -v -- "$1" >/dev/null 2>&1; }

# Runs a command as root: directly, or through sudo if it asks nothing or can ask somebody.
as_root() {
    if [[ $(id -u) -eq 0 ]]; then
        "$@"
    elif have sudo && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
        sudo "$@"
    else
        return 1
    fi
}

apt_is_fresh=no

# Installs packages; false if that cannot be done here.
apt_install() {
    have apt-get || return 1
    as_root true || return 1
    if [[ $apt_is_fresh == no ]]; then
        say "reading the package lists"
        as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null || true
        apt_is_fresh=yes
    fi
    say "installing $*"
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}

need_toolchain() {
    if ! have cargo && [[ -x $HOME/.cargo/bin/cargo ]]; then
        export PATH="$HOME/.cargo/bin:$PATH"
    fi
    have cargo || die "no Rust toolchain: install one from https://rustup.rs and try again"
    have cc || apt_install build-essential || die "no C compiler: install the package build-essential"
}

# The linker mold relinks in a second what takes others ten. Optional.
use_mold() {
    have mold || apt_install mold || true
    if ! have mold || [[ -n ${RUSTFLAGS:-} || $(uname -m) != x86_64 ]]; then
        return 0
    fi
    local trial
    trial="$(mktemp -d)"
    # Compilers before gcc 12 do not know mold.
    if echo 'int main(void) { return 0; }' | cc -x c - -fuse-ld=mold -o "$trial/a" 2>/dev/null; then
        export CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS="-C link-arg=-fuse-ld=mold"
    fi
    rm -rf -- "$trial"
}

# Whether the program will find a PostgreSQL server: the places in which it looks.
has_postgresql() {
    local folder
    if [[ -n ${ENT_PG_BIN:-} ]]; then
        [[ -x $ENT_PG_BIN/postgres ]]
        return
    fi
    for folder in /usr/lib/postgresql/*/bin "$(pg_config --bindir 2>/dev/null || true)"; do
        [[ -x $folder/postgres ]] && return 0
    done
    have postgres && have initdb
}

need_postgresql() {
    has_postgresql && return 0
    # Our server is private: Debian need not start one of its own beside it.
    local no_cluster=/etc/postgresql-common/createcluster.d/ent.conf
    if as_root mkdir -p "${no_cluster%/*}" 2>/dev/null; then
        echo 'create_main_cluster = false' | as_root tee "$no_cluster" >/dev/null
        apt_install postgresql || true
        as_root rm -f "$no_cluster"
    fi
    has_postgresql || die "no PostgreSQL server: install the package postgresql, or set ENT_PG_BIN"
}

# Installs the package $2 for the optional program $1.
want() { have "$1" || apt_install "$2" || say "$1 is not here (package $2): what needs it is skipped"; }
