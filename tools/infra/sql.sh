# MySQL and MariaDB, alone or with a read replica.
SQL_DURABLE=(--innodb-flush-log-at-trx-commit=1 --sync-binlog=1)
# Survives kill -9 of the server, not of the machine: enough for a test, and several times as fast.
SQL_FAST=(--innodb-flush-log-at-trx-commit=2 --sync-binlog=0 --skip-innodb-doublewrite)

# ---- one node --------------------------------------------------------------------------------------------------
sql_node() { # sql_node ENGINE NODE SERVER_ID USUAL_PORT -> PORT
  local engine=$1 node=$2 id=$3 options=()
  mkdir -p "$node/tmp"
  PORT=$(port_of "$node/port" "$4")
  [ "$(cat "$node/engine" 2>/dev/null || echo "$engine")" = "$engine" ] || die "$node holds data of another engine"
  echo "$engine" >"$node/engine"
  [ -d "$node/data" ] || { sql_template "$engine"; rm -rf "$node/data.new"; cp -a "$SQL_TEMPLATE" "$node/data.new"; mv "$node/data.new" "$node/data"; }
  if [ "$engine" = mysql ]; then
    options=(--mysqlx=OFF --gtid-mode=ON --enforce-gtid-consistency=ON)
  else
    options=(--log-slave-updates=ON --gtid-strict-mode=ON --binlog-format=ROW --character-set-server=utf8mb4 --collation-server=utf8mb4_unicode_ci)
  fi
  [ -n "$FAST" ] && options+=("${SQL_FAST[@]}") || options+=("${SQL_DURABLE[@]}")
  write_run "$node" "${SQL_SERVER[@]}" --datadir="$node/data" --tmpdir="$node/tmp" --socket="$(sql_socket "$node")" --port="$PORT" \
    --bind-address=127.0.0.1 --pid-file="$node/data/server.pid" --server-id="$id" --log-bin="$node/data/bin" --skip-name-resolve \
    --innodb-buffer-pool-size=64M --performance-schema=OFF --max-connections=500 "${options[@]}"
  write_ready "$node" "${SQL_CLIENT[@]}" -uroot -S "$(sql_socket "$node")" -e 'select 1'
}

# A socket's path may have 107 characters; a project may lie deep.
sql_socket() {
  [ ${#1} -lt 90 ] && echo "$1/sock" && return
  echo "${TMPDIR:-/tmp}/nakku-$(cksum <<<"$1" | cut -d' ' -f1).sock"
}
sql() { local node=$1; shift; "${SQL_CLIENT[@]}" -uroot -S "$(sql_socket "$node")" "$@"; }

# An empty data folder, made once on this machine for each version of the server and copied for each node.
sql_template() {
  SQL_TEMPLATE=$CACHE/template-$1-$("${SQL_SERVER[@]}" --version | cksum | cut -d' ' -f1)
  exec 9>"$CACHE/template-$1.lock"; flock 9
  if [ ! -d "$SQL_TEMPLATE" ]; then
    log "$1: making an empty data folder, once"
    rm -rf "$SQL_TEMPLATE.new"
    "template_$1" "$SQL_TEMPLATE.new" >"$CACHE/template-$1.log" 2>&1 || { tail "$CACHE/template-$1.log" >&2; die "$1: no data folder could be made"; }
    rm -f "$SQL_TEMPLATE.new/auto.cnf" # the server's identity
    mv "$SQL_TEMPLATE.new" "$SQL_TEMPLATE"
  fi
  exec 9>&-
}
template_mysql() { "${SQL_SERVER[@]}" --datadir="$1" --innodb-redo-log-capacity=16M --initialize-insecure; }
# What mariadb-install-db does, without the paths that it expects; root needs no password on the socket.
template_mariadb() {
  mkdir -p "$1/mysql"
  {
    printf '%s;\n' 'create database if not exists mysql' 'use mysql' 'set @auth_root_socket = null' # one a line
    cat "$SQL_SHARE"/{mysql_system_tables,mysql_performance_tables,mysql_system_tables_data,fill_help_tables,maria_add_gis_sp_bootstrap,mysql_sys_schema}.sql
    echo "delete from mysql.global_priv where User = 'root' and Host <> 'localhost';" # by the socket only
  } | "${SQL_SERVER[@]}" --datadir="$1" --bootstrap
}

# ---- who may sign in -------------------------------------------------------------------------------------------
DOMAINS='user product inventory order cart payment delivery notification location analytics'

# As grantsFor of libs/database: each service's user reads and writes its own database, the migration user makes the
# tables of all. In a database's name here `_` stands for any character unless it has a backslash.
SQL_RUN='SELECT, INSERT, UPDATE, DELETE'
service_users() { # service_users NODE
  local node=$1 domain password migrator; migrator=$(kept "$1/secrets/migrate")
  for domain in $DOMAINS; do
    password=$(kept "$node/secrets/$domain")
    sql_user "nakku_$domain" "$password" "$SQL_RUN" "nakku\\_$domain"
    sql_user nakku_migrate "$migrator" "$SQL_RUN, CREATE, ALTER, DROP, INDEX" "nakku\\_$domain"
    emit "${domain^^}_DB_USER" "nakku_$domain"
    emit "${domain^^}_DB_PASSWORD" "$password"
  done
  emit DB_MIGRATION_USER nakku_migrate
  emit DB_MIGRATION_PASSWORD "$migrator"
}

# One user for everything in databases named app..., for tests; and who copies to a replica.
test_users() { # test_users NODE
  sql_user app "$(kept "$1/secrets/app")" 'ALL PRIVILEGES' 'app%'
  printf "CREATE USER IF NOT EXISTS 'replica'@'%%'; ALTER USER 'replica'@'%%' IDENTIFIED BY '%s'; GRANT REPLICATION SLAVE ON *.* TO 'replica'@'%%';\n" \
    "$(kept "$1/secrets/replica")" >>"$USERS"
}

sql_user() { # sql_user NAME PASSWORD GRANTS DATABASE_PATTERN
  printf "CREATE USER IF NOT EXISTS '%s'@'%%'; ALTER USER '%s'@'%%' IDENTIFIED BY '%s'; GRANT %s ON \`%s\`.* TO '%s'@'%%';\n" \
    "$1" "$1" "$2" "$3" "$4" "$1" >>"$USERS"
}

# ---- servers ---------------------------------------------------------------------------------------------------
sql_up() { # sql_up NODE PORT TEST_NAME [REPLICAS]
  local node=$1
  USERS=$node/users.sql
  (umask 077 && : >"$USERS")
  start_nodes "$node"
  emit DB_HOST 127.0.0.1
  emit DB_PORT "$2"
  emit DB_REPLICA_HOSTS "${4:-}"
  service_users "$node"
  test_users "$node"
  sql "$node" <"$USERS"
  rm "$USERS"
  emit "$3_URL" "mysql://app:$(kept "$node/secrets/app")@127.0.0.1:$2/app"
  emit "$3_ROOT_SOCKET" "$(sql_socket "$node")"
  TOLD="$(sql "$node" -Ne 'select version()'), 127.0.0.1:$2"
}

sql_replica() { # sql_replica ENGINE PRIMARY REPLICA PRIMARY_PORT
  local password; password=$(kept "$2/secrets/replica")
  start_nodes "$3"
  if [ "$1" = mysql ]; then
    sql "$3" -e "STOP REPLICA; CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=$4, SOURCE_USER='replica', SOURCE_PASSWORD='$password',
      SOURCE_AUTO_POSITION=1, SOURCE_CONNECT_RETRY=1, GET_SOURCE_PUBLIC_KEY=1; START REPLICA; SET PERSIST super_read_only=ON"
  else
    sql "$3" -e "STOP SLAVE; CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=$4, MASTER_USER='replica', MASTER_PASSWORD='$password',
      MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1; START SLAVE; SET GLOBAL read_only=ON"
  fi
  # It has caught up when it knows the user that was made last.
  local end=$(($(now) + 30000))
  until [ "$(sql "$3" -Ne "select count(*) from mysql.user where user = 'replica'")" = 1 ]; do
    [ "$(now)" -lt "$end" ] || die "$3 does not follow its primary"
    sleep 0.05
  done
}

sql_repl() { # sql_repl ENGINE
  local engine=$1 at=$RUN/$1-repl name=${1^^}_REPL primary replica
  "use_$engine"
  sql_node "$engine" "$at/primary" 1 "$(usual 3306)"; primary=$PORT
  sql_node "$engine" "$at/replica" 2 ''; replica=$PORT
  sql_up "$at/primary" "$primary" "$name" "127.0.0.1:$replica"
  sql_replica "$engine" "$at/primary" "$at/replica" "$primary"
  emit "${name}_REPLICAS" "127.0.0.1:$replica"
  emit "${name}_REPLICA_SOCKET" "$(sql_socket "$at/replica")"
  TOLD+=", replica 127.0.0.1:$replica"
}

sql_single() { "use_$1"; sql_node "$1" "$RUN/$1" 1 "$(usual 3306)"; sql_up "$RUN/$1" "$PORT" "${1^^}"; }
up_mysql() { sql_single mysql; }
up_mariadb() { sql_single mariadb; }
up_mysql-repl() { sql_repl mysql; }
up_mariadb-repl() { sql_repl mariadb; }
