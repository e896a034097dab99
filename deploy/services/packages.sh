# shellcheck shell=bash
# The services as processes of this machine: Debian's programs, none of Debian's services. Read by deploy/services.sh.
# shellcheck disable=SC2154 # the ports, `dir` and other variables are set there

as_postgres=() # PostgreSQL refuses root
[ "$EUID" != 0 ] || as_postgres=(setpriv --reuid postgres --regid postgres --init-groups)

postgres_bin() { find /usr/lib/postgresql/*/bin -name initdb -printf '%h\n' 2>/dev/null | sort -V | tail -n1; }

install_missing() {
    local missing=() install unit policy=/usr/sbin/policy-rc.d
    [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || missing+=(rabbitmq-server)
    [ -x /usr/bin/redis-server ] || missing+=(redis-server)
    [ -n "$(postgres_bin)" ] || missing+=(postgresql)
    command -v curl >/dev/null || missing+=(curl)
    python3 -m pip --version &>/dev/null || missing+=(python3-pip)
    ((${#missing[@]})) || return 0
    install="apt-get install -y --no-install-recommends ${missing[*]}"
    [ -x /usr/bin/apt-get ] || fail "no Docker engine answers, and the only other way is Debian's packages"
    [ "$EUID" = 0 ] || fail "no Docker engine answers; the other way is, once and as root: $install"
    echo "services: $install"
    (
        umask 022
        exec 8</var/lib/dpkg
        flock 8 # another checkout may be installing, and need the policy until it is done
        if [ ! -e $policy ]; then
            trap 'rm -f $policy' EXIT
            printf '#!/bin/sh\nexit 101\n' >$policy # Debian's way to say: start nothing of what is installed
            chmod 755 $policy
        fi
        [ -e /usr/bin/epmd ] || missing+=(epmd.socket) # comes along with RabbitMQ
        export DEBIAN_FRONTEND=noninteractive
        $install || { apt-get update && $install; } || exit
        # Nor at the next boot. Not all of these have a unit, and containers have no systemd.
        for unit in "${missing[@]}"; do systemctl disable --now "$unit" || true; done
    ) &>"$dir/logs/apt" || fail "$install: $(tail -n5 "$dir/logs/apt")"
}

home() { # where a service's processes work
    if [ "$1" = postgres ]; then echo "$(readlink -f "$dir/postgres")/data"; else echo "$dir/$1"; fi
}

processes() { # of a service: those in its session, or PostgreSQL's, which leave it; in its home, for a pid may be stale
    local pid home leader prefix=()
    home=$(home "$1")
    leader=$(cat "$dir/pids/$1" 2>/dev/null) || return 0
    [ "$1" != postgres ] || prefix=("${as_postgres[@]}")
    for pid in $(pgrep -s "$leader") $([ "$1" != postgres ] || pgrep -x postgres); do
        [ "$("${prefix[@]}" readlink "/proc/$pid/cwd")" != "$home" ] || echo "$pid"
    done
}

running() { grep -qxFf "$dir/pids/$1" <<<"$(processes "$1")" 2>/dev/null; }

signal() { # SIGNAL NAME: to all of its processes; one that ends meanwhile needs none
    local pid
    for pid in $(processes "$2"); do
        kill -s "$1" "$pid" 2>/dev/null || [ ! -d "/proc/$pid" ] || fail "$2: process $pid takes no $1"
    done
}

hold() { # NAME: stops all of its processes, also those that began while the others were being stopped
    local i pid going
    running "$1" || fail "$1 does not run"
    for ((i = 0; i < 50; i++)); do
        signal STOP "$1"
        going=()
        for pid in $(processes "$1"); do
            grep -qs '^State:.[TZ]' "/proc/$pid/status" || [ ! -d "/proc/$pid" ] || going+=("$pid")
        done
        [ ${#going[@]} -gt 0 ] || return 0
        sleep .02
    done
    fail "$1: not stopped: ${going[*]}"
}

launch() { # NAME [VARIABLE=VALUE...] COMMAND...: in a session of its own, with nothing of the caller's environment
    (
        cd "$(home "$1")" || exit
        exec 9>&- # the lock is not for those who stay
        exec setsid env -i HOME="${HOME:-/}" PATH="$PATH" LANG=C.UTF-8 "${@:2}" </dev/null >>"$dir/logs/$1" 2>&1
    ) &
    echo $! >"$dir/pids/$1"
}

start_rabbitmq() {
    local home=$dir/rabbitmq
    cat >"$home/rabbitmq.conf" <<-END
		listeners.tcp.1 = 127.0.0.1:$port_rabbitmq
		management.tcp.ip = 127.0.0.1
		management.tcp.port = $port_rabbitmq_management
		default_user = refit
		default_pass = $(secret rabbitmq)
		default_user_tags.administrator = true
	END
    echo '[rabbitmq_management].' >"$home/enabled_plugins"
    [ -e "$home/.erlang.cookie" ] || install -m 400 "$dir/secrets/cookie" "$home/.erlang.cookie"
    # The port mapper comes first and shares the session: one that RabbitMQ had to start would be everybody's, and stay.
    # Debian's rabbitmq-server in PATH would change to Debian's user and folders; any other Erlang there may not fit.
    # shellcheck disable=SC2016
    launch rabbitmq HOME="$home" PATH=/usr/bin:/bin ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="$port_rabbitmq_epmd" \
        RABBITMQ_NODENAME="$id@localhost" RABBITMQ_DIST_PORT="$port_rabbitmq_dist" \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}' \
        RABBITMQ_MNESIA_BASE="$home/mnesia" RABBITMQ_LOG_BASE="$home/log" RABBITMQ_LOGS=- \
        RABBITMQ_CONFIG_FILE="$home/rabbitmq.conf" RABBITMQ_CONF_ENV_FILE=/dev/null \
        RABBITMQ_ADVANCED_CONFIG_FILE="$home/advanced.config" RABBITMQ_ENABLED_PLUGINS_FILE="$home/enabled_plugins" \
        sh -c 'epmd & exec /usr/lib/rabbitmq/bin/rabbitmq-server'
}

start_redis() {
    cat >"$dir/redis/redis.conf" <<-END
		bind 127.0.0.1
		port $port_redis
		requirepass $(secret redis)
		appendonly yes
		save ""
		dir ./
	END
    launch redis /usr/bin/redis-server "$dir/redis/redis.conf"
}

start_postgres() {
    local bin base
    bin=$(postgres_bin)
    if [ ! -d "$dir/postgres" ]; then
        rm -f "$dir/postgres"
        mkdir "$dir/postgres"
        [ "$EUID" != 0 ] || chown postgres: "$dir/postgres"
        if ! "${as_postgres[@]}" test -w "$dir/postgres"; then # a folder on the way there is closed to that user
            rmdir "$dir/postgres"
            ln -s "$("${as_postgres[@]}" mktemp -d /var/tmp/refit-postgres.XXXXXX)" "$dir/postgres"
        fi
    fi
    base=$(readlink -f "$dir/postgres")
    if [ ! -d "$base/data" ]; then
        rm -rf "$base/new"
        # No socket, no local connections. The password goes in by a pipe: initdb could not read our file of it.
        "${as_postgres[@]}" "$bin/initdb" --pgdata "$base/new" --username refit --encoding UTF8 --no-locale \
            --auth-local reject --auth-host scram-sha-256
        printf "ALTER ROLE refit PASSWORD '%s';\nCREATE DATABASE refit;\n" "$(secret postgres)" |
            "${as_postgres[@]}" "$bin/postgres" --single -D "$base/new" postgres
        mv "$base/new" "$base/data"
    fi &>>"$dir/logs/postgres"
    # Nobody works there any more, `stop` saw to that; but where process 1 buries no dead, this file still names one.
    rm -f "$base/data/postmaster.pid"
    launch postgres "${as_postgres[@]}" "$bin/postgres" -D "$base/data" -c "port=$port_postgres" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200
}

start_s3() {
    local want site=$dir/s3/site
    want=$(sha256sum <"$here/s3.txt")
    if [ "$(cat "$site/pins.sha256" 2>/dev/null)" != "$want" ]; then
        rm -rf "$site"
        python3 -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: \
            --root-user-action=ignore --target "$site" -r "$here/s3.txt" &>"$dir/logs/pip" ||
            fail "python3 -m pip could not fetch the S3 server: $(tail -n5 "$dir/logs/pip")"
        echo "$want" >"$site/pins.sha256"
    fi
    launch s3 PYTHONPATH="$site" python3 "$here/s3server.py" "$port_s3" "$dir/s3/data" "$dir/secrets/s3"
}

start() {
    local port
    stop "$1" # what a killed one left behind
    for port in $(compgen -v "port_$1"); do
        ! listening "${!port}" || fail "$1: port ${!port} is taken by another program ($dir/ports)"
    done
    "start_$1"
}

stop() { # asks the service, then what it leaves behind, and kills what is left after 20 s
    local i pids signal=TERM
    [ "$1" != postgres ] || signal=INT # its TERM would wait for every client to go
    ! running "$1" || kill -s $signal "$(cat "$dir/pids/$1")"
    for ((i = 0; i < 100; i++)); do
        pids=$(processes "$1")
        [ -n "$pids" ] || break
        running "$1" || xargs kill 2>/dev/null <<<"$pids" || true
        xargs kill -s CONT 2>/dev/null <<<"$pids" || true # one that is frozen hears nothing
        sleep .2
    done
    [ -z "$pids" ] || xargs kill -s KILL 2>/dev/null <<<"$pids" || true
    rm -f "$dir/pids/$1"
}
