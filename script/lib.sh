# Shared by the scripts in this folder; source it from the project root.
# shellcheck shell=bash

# Words to people go to stderr, so that results on stdout stay clean.
say() { printf '%s\n' "$*" >&2; }

# A line nobody can overlook.
loud() { printf '\n*** %s ***\n\n' "$*" >&2; }

die() {
    printf '%s: %s\n' "$(basename "$0")" "$1" >&2
    exit "${2:-1}"
}

jobs_count() {
    local n
    n=$(nproc 2>/dev/null || echo 2)
    echo "${PL_JOBS:-$n}"
}

# configure_build PRESET [TARGET...]: quick when there is nothing to do. With PL_RECONFIGURE set,
# CMake looks again for what it did not find the last time.
configure_build() {
    local preset=$1
    shift
    if [ -n "${PL_RECONFIGURE:-}" ] || [ ! -f "build/$preset/build.ninja" ]; then
        cmake --preset "$preset" || return 1
    fi
    local targets=()
    [ $# -gt 0 ] && targets=(--target "$@")
    cmake --build "build/$preset" -j "$(jobs_count)" "${targets[@]}"
}
