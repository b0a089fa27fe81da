# shellcheck shell=bash
# What mysql-backup.sh, mysql-binlog.sh, mysql-restore.sh and mysql-promote.sh share: options, a login that no process list shows, and which programs to call.
set -euo pipefail
umask 077 # what is written holds customers' data
export TZ=UTC

NAME=$(basename "$0")
say() { printf '%(%H:%M:%S)T %s: %s\n' -1 "$NAME" "$*" >&2; }
die() { printf '%s: %s\n' "$NAME" "$*" >&2; exit 1; }
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; }

HOST='' PORT=3306 SOCKET='' LOGIN='' PASSWORD_FILE='' OPTION_FILE='' CA=''
# option NAME VALUE: takes one of the options that all have; 1 when it is none of them.
option() {
  case $1 in
    --host) HOST=$2 ;;
    --port) PORT=$2 ;;
    --socket) SOCKET=$2 ;;
    --user) LOGIN=$2 ;;
    --password-file) PASSWORD_FILE=$2 ;;
    --option-file) OPTION_FILE=$2 ;;
    --ssl-ca) CA=$2 ;;
    *) return 1 ;;
  esac
}
need() { [ $# -ge 2 ] && [ -n "$2" ] || die "$1 needs a value (--help says which)"; }

# The login goes into a file that only we can read: a password on a command line is everybody's to see.
login() { # login DEFAULT_USER
  WORK=$(mktemp -d)
  trap 'rm -rf "$WORK"' EXIT
  if [ -n "$OPTION_FILE" ]; then
    [ -r "$OPTION_FILE" ] || die "$OPTION_FILE cannot be read"
    cp "$OPTION_FILE" "$WORK/login.cnf"
  else
    [ -n "$HOST$SOCKET" ] || die "--host (or --socket) must say where the server is"
    printf '[client]\nuser="%s"\n' "${LOGIN:-$1}" >"$WORK/login.cnf"
  fi
  if [ -n "$PASSWORD_FILE" ]; then
    [ -r "$PASSWORD_FILE" ] || die "$PASSWORD_FILE cannot be read"
    printf '[client]\npassword="%s"\n' "$(tr -d '\r\n' <"$PASSWORD_FILE" | sed 's/[\\"]/\\&/g')" >>"$WORK/login.cnf"
  fi
  if [ -n "$SOCKET" ]; then printf '[client]\nsocket="%s"\n' "$SOCKET" >>"$WORK/login.cnf"
  elif [ -n "$HOST" ]; then printf '[client]\nhost="%s"\nport=%s\nprotocol=tcp\n' "$HOST" "$PORT" >>"$WORK/login.cnf"; fi
  [ -z "$CA" ] || printf '[client]\nssl-ca="%s"\n' "$CA" >>"$WORK/login.cnf"
  local client
  client=$(command -v mysql || command -v mariadb) || die "neither mysql nor mariadb is on the PATH: install the client programs"
  CLIENT=("$client" "--defaults-file=$WORK/login.cnf")
  VERSION=$(query 'SELECT VERSION()') || die "the server at ${HOST:-${SOCKET:-$OPTION_FILE}} does not let us in"
  case $VERSION in
    *MariaDB*) ENGINE=mariadb DUMP=mariadb-dump BINLOG=mariadb-binlog ;;
    *) ENGINE=mysql DUMP=mysqldump BINLOG=mysqlbinlog ;;
  esac
}
query() { "${CLIENT[@]}" --batch --skip-column-names --execute "$1"; }
has() { command -v "$1" >/dev/null 2>&1; }
program() { has "$1" || die "$1 is not on the PATH: install the client programs of $ENGINE"; }

# nakku_<domain>; in LIKE, _ stands for any character unless it has a backslash.
databases() {
  query "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE '${PREFIX//_/\\_}\\_%' ORDER BY schema_name"
}
PREFIX=nakku
prefix() { [[ $1 =~ ^[A-Za-z0-9_]{1,40}$ ]] || die "--prefix must be letters, digits and underscores"; PREFIX=$1; }

# A name that says which server's binary logs these are: a restored server begins new ones.
server_name() {
  if [ "$ENGINE" = mysql ]; then query 'SELECT @@server_uuid'; else echo "server-$(query 'SELECT @@server_id')"; fi
}
# value NAME FILE: a line NAME=... of a backup's backup.env, which is read and never run.
value() { sed -n "s/^$1=//p" "$2" | head -n 1; }
