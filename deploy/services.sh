#!/usr/bin/env bash
# RabbitMQ, Redis, PostgreSQL and an S3 store for this checkout alone, on free ports of 127.0.0.1.
# deploy/services/README.md says what they are for and where everything lies.
# shellcheck disable=SC2154 # `engine` and the ports come from a file
set -euo pipefail
umask 077
root=$(cd "$(dirname "$0")/.." && pwd)
here=$root/deploy/services
dir=$(realpath -m "${REFIT_SERVICES_DIR:-$root/.services}")
read -ra services <<<"${REFIT_SERVICES:-rabbitmq redis postgres s3}" # which of them
id=refit-$(cksum <<<"$dir" | cut -d' ' -f1) # no two folders share a node name or a compose project
cd / # the postgres user may not enter the folder we were called in

fail() {
    echo "services: $*" >&2
    exit 1
}

## What lasts: the engine, the ports and the secrets are decided by the first `up`

docker_answers() { timeout 10 docker info && docker compose version; } &>/dev/null

listening() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() { # but none of the arguments; below those lent to outgoing connections, to be free again at the next `up`
    local port
    while port=$((20000 + RANDOM % 12000)); [[ " $* " = *" $port "* ]] || listening "$port"; do :; done
    echo "$port"
}

decide() {
    local name taken=()
    mkdir -p "$dir"/{logs,pids,secrets,rabbitmq,redis,s3}
    for name in "${services[@]}" cookie; do
        [ -s "$dir/secrets/$name" ] || od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$dir/secrets/$name"
    done
    [ ! -e "$dir/ports" ] || return 0
    if docker_answers; then
        engine=docker
    else
        install_missing
        engine=packages
    fi
    {
        echo "engine=$engine"
        for name in rabbitmq rabbitmq_management rabbitmq_dist rabbitmq_epmd redis postgres s3; do
            taken+=("$(free_port "${taken[@]}")")
            echo "port_$name=${taken[-1]}"
        done
    } >"$dir/ports.new"
    mv "$dir/ports.new" "$dir/ports"
}

recall() {
    [ -e "$dir/ports" ] || return 1
    # shellcheck source=/dev/null
    . "$dir/ports"
}

secret() { cat "$dir/secrets/$1"; }

compose() {
    RABBITMQ_PORT=$port_rabbitmq MANAGEMENT_PORT=$port_rabbitmq_management RABBITMQ_PASSWORD=$(secret rabbitmq) \
        REDIS_PORT=$port_redis REDIS_PASSWORD=$(secret redis) \
        POSTGRES_PORT=$port_postgres POSTGRES_PASSWORD=$(secret postgres) \
        S3_PORT=$port_s3 S3_PASSWORD=$(secret s3) \
        docker compose --project-name "$id" --file "$here/compose.yaml" "$@"
}

# shellcheck source=/dev/null
. "$here/packages.sh"

## Each answers with its version, logged in as its users are

ask() { # NAME CURL-ARGUMENT...: by HTTP, past any proxy; the password goes in by standard input, `ps` shows arguments
    printf 'user = "refit:%s"' "$(secret "$1")" | curl -q --silent --noproxy '*' --max-time 5 --config - "${@:2}"
}

version_rabbitmq() {
    local overview
    overview=$(ask rabbitmq --fail "http://127.0.0.1:$port_rabbitmq_management/api/overview")
    [[ $overview = *'"protocol":"amqp"'* && $overview =~ \"rabbitmq_version\":\"([^\"]+) ]] && echo "${BASH_REMATCH[1]}"
}

version_redis() {
    local answer
    exec 3<>"/dev/tcp/127.0.0.1/$port_redis"
    printf 'AUTH %s\r\nPING\r\nINFO server\r\nQUIT\r\n' "$(secret redis)" >&3
    answer=$(timeout 5 cat <&3)
    [[ $answer = *+PONG* && $answer =~ redis_version:([0-9.]+) ]] && echo "${BASH_REMATCH[1]}"
}

version_postgres() {
    local query=(--host 127.0.0.1 --username refit --no-psqlrc -Atc 'SHOW server_version' refit)
    if [ "$engine" = docker ]; then
        compose exec -T postgres psql "${query[@]}"
    else
        PGPASSWORD=$(secret postgres) PGCONNECT_TIMEOUT=5 PGPORT=$port_postgres "$(postgres_bin)/psql" "${query[@]}"
    fi | cut -d' ' -f1
}

version_s3() { # makes the bucket where there is none yet
    local status
    status=$(ask s3 --request PUT --output /dev/null --write-out '%{http_code}' --aws-sigv4 aws:amz:us-east-1:s3 \
        --header 'x-amz-content-sha256: UNSIGNED-PAYLOAD' "http://127.0.0.1:$port_s3/refit")
    [[ $status = @(200|409) ]] || return 1
    if [ "$engine" = docker ]; then
        sed -n 's/.*image: .*minio:RELEASE\.\(.*\)T.*/minio \1/p' "$here/compose.yaml"
    else
        sed -n 's/^ministack==\([0-9.]*\).*/ministack \1/p' "$here/s3.txt"
    fi
}

answers() { (version_"$1") &>/dev/null; }

await() {
    local end=$((SECONDS + 120))
    while ((SECONDS < end)); do
        ! answers "$1" || return 0
        [ "$engine" = docker ] || running "$1" || break
        sleep .2
    done
    [ "$engine" = docker ] || tail -n15 "$dir/logs/$1" >&2
    fail "$1 does not answer"
}

## Verbs

up() {
    local lines name
    [ -d "$dir" ] || install -d -m 711 "$dir" # the postgres user has to get through; everything in it is closed
    exec 9>"$dir/lock"
    flock 9
    decide
    recall
    if lines=$(status); then
        echo "services: already up"
        echo "$lines"
        return
    fi
    if [ "$engine" = docker ]; then
        docker_answers || fail "these services run in Docker, and its engine does not answer"
        command -v curl >/dev/null || fail "curl is needed to see them come up"
        compose up --detach --quiet-pull "${services[@]}"
    else
        for name in "${services[@]}"; do answers "$name" || running "$name" || start "$name"; done
    fi
    for name in "${services[@]}"; do await "$name"; done
    status
}

down() {
    local name
    [ -d "$dir" ] || return 0
    exec 9>"$dir/lock"
    flock 9
    if ! recall; then
        : # nothing was started
    elif [ "$engine" = docker ]; then
        compose down ${1:+--volumes}
    else
        for name in "${services[@]}"; do stop "$name" & done
        wait
    fi
    if [ "${1:-}" = --purge ]; then
        rm -rf "$(readlink -f "$dir/postgres")" "$dir"/{postgres,rabbitmq,redis,s3,logs,pids,secrets,ports,lock}
        rmdir --ignore-fail-on-non-empty "$dir"
    fi
}

## Faults, for tests that want to see them survived

restart() { # NAME: asks it to stop, and waits until it answers again
    if [ "$engine" = docker ]; then compose restart "$1"; else start "$1"; fi
    await "$1"
}

freeze() { # NAME: none of its processes gets on, and its connections stay
    if [ "$engine" = docker ]; then compose pause "$1"; else hold "$1"; fi
}

thaw() { # NAME
    if [ "$engine" = docker ]; then compose unpause "$1"; else signal CONT "$1"; fi
}

status() {
    local name version down=0
    recall || fail "nothing was ever up here"
    declare -A address=(
        [rabbitmq]="127.0.0.1:$port_rabbitmq, management on http://127.0.0.1:$port_rabbitmq_management"
        [redis]="127.0.0.1:$port_redis"
        [postgres]="127.0.0.1:$port_postgres, database refit"
        [s3]="http://127.0.0.1:$port_s3, bucket refit"
    )
    for name in "${services[@]}"; do
        if version=$(version_"$name" 2>/dev/null); then
            printf '%-9s %-17s %s\n' "$name" "$version" "${address[$name]}"
        else
            printf '%-9s down\n' "$name"
            down=1
        fi
    done
    return $down
}

env_() {
    recall || fail "nothing was ever up here"
    cat <<-END
		export REFIT_TEST_AMQP=amqp://refit:$(secret rabbitmq)@127.0.0.1:$port_rabbitmq/%2f
		export REFIT_TEST_AMQP_ADMIN=http://refit:$(secret rabbitmq)@127.0.0.1:$port_rabbitmq_management
		export REFIT_TEST_REDIS=redis://:$(secret redis)@127.0.0.1:$port_redis/0
		export REFIT_TEST_POSTGRES=postgres://refit:$(secret postgres)@127.0.0.1:$port_postgres/refit
		export REFIT_TEST_S3=s3://refit
		export REFIT_TEST_S3_ENDPOINT=http://127.0.0.1:$port_s3
		export REFIT_TEST_S3_ACCESS_KEY=refit
		export REFIT_TEST_S3_SECRET_KEY=$(secret s3)
	END
}

case "$*" in
    up) up ;;
    down) down ;;
    "down --purge") down --purge ;;
    status) status ;;
    env) env_ ;;
    "restart "* | "freeze "* | "thaw "*)
        [[ " ${services[*]} " = *" $2 "* ]] || fail "there is no service $2"
        recall || fail "nothing was ever up here"
        "$1" "$2"
        ;;
    *)
        echo "usage: deploy/services.sh up | down [--purge] | status | env | restart NAME | freeze NAME | thaw NAME" >&2
        exit 2
        ;;
esac
