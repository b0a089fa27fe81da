# Where the servers' binaries are and how they get here. have_X: are they here? get_X: gets them. use_X: sets the commands.
KAFKA_VERSION=${KAFKA_VERSION:-3.9.2}
KAFKA_HOME=$CACHE/kafka-$KAFKA_VERSION

is_mysql() { has mysqld && has mysql && [[ $(mysqld --version 2>/dev/null) =~ Ver\ ([89]|[1-9][0-9])\. && ! $(mysqld --version) =~ MariaDB ]]; }
have_kafka() { has java && [ -f "$KAFKA_HOME/.ok" ]; }
have_mysql() { is_mysql || [ -f "$CACHE/mysql/.ok" ]; }
have_mariadb() { { has mariadbd && has mariadb; } || [ -f "$CACHE/mariadb/.ok" ]; }
have_redis() { { has redis-server && has redis-cli; } || [ -f "$CACHE/redis/.ok" ]; }

# obstacles KIND...: a line for each server that cannot be got here, with what would help. Root on Debian gets Java and Maven itself.
obstacles() {
  local kind
  for kind; do
    "have_$kind" && continue
    if [ "$kind" = kafka ]; then
      [ -n "$(java_packages)" ] && ! { [ "$(id -u)" = 0 ] && has apt-get; } && echo "kafka needs java and mvn: install $(java_packages)"
    else
      on_debian || echo "$kind has to be on the PATH already, except on Debian, where its packages are unpacked: install a $kind server"
    fi
  done
  return 0
}
on_debian() { [ "$(. /etc/os-release 2>/dev/null && echo "${ID:-}")" = debian ] && has apt-get && has dpkg-deb; }
java_packages() {
  local need=()
  has java || need+=(default-jre-headless)
  [ -f "$KAFKA_HOME/.ok" ] || has mvn || need+=(maven)
  echo "${need[*]}"
}

# ---- Kafka: the broker's jars, by Maven ------------------------------------------------------------------------
get_kafka() {
  local packages; packages=$(java_packages)
  if [ -n "$packages" ]; then
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends $packages >&2
  fi
  local group=org.slf4j logger=slf4j-reload4j version=1.7.36
  [ "${KAFKA_VERSION%%.*}" -ge 4 ] && { group=org.apache.logging.log4j logger=log4j-slf4j-impl version=2.25.4; }
  mkdir -p "$KAFKA_HOME"
  cat >"$KAFKA_HOME/pom.xml" <<POM
<project><modelVersion>4.0.0</modelVersion>
<groupId>nakku</groupId><artifactId>kafka-broker</artifactId><version>1</version><packaging>pom</packaging><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$KAFKA_VERSION</version></dependency>
<dependency><groupId>$group</groupId><artifactId>$logger</artifactId><version>$version</version></dependency>
</dependencies></project>
POM
  mvn -q -B -f "$KAFKA_HOME/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$KAFKA_HOME/libs" >"$KAFKA_HOME/maven.log" 2>&1 || { cat "$KAFKA_HOME/maven.log" >&2; return 1; }
  touch "$KAFKA_HOME/.ok"
}

# ---- Debian packages, unpacked with all that they need ---------------------------------------------------------
# unpack NAME SUITE PACKAGE...: into CACHE/NAME/root, from the mirror that this machine already uses; needs no root.
unpack() {
  local at=$CACHE/$1 suite=$2 mirror; shift 2
  mirror=$(apt-get indextargets --no-release-info --format '$(SITE)' 'Created-By: Packages' | awk '!/security/ { print; exit }')
  [ -n "$mirror" ] || die "apt has no mirror in its sources"
  mkdir -p "$at/state/lists/partial" "$at/cache/archives/partial" "$at/root"
  : >"$at/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$at/sources.list"
  cat >"$at/apt.conf" <<CONF
Dir::State "$at/state"; Dir::State::status "$at/status"; Dir::Cache "$at/cache";
Dir::Etc::SourceList "$at/sources.list"; Dir::Etc::SourceParts "/dev/null"; Dir::Etc::Preferences "/dev/null"; Dir::Etc::PreferencesParts "/dev/null";
APT::Sandbox::User "$(id -un)"; Acquire::Languages "none"; Acquire::Retries "3";
CONF
  APT_CONFIG=$at/apt.conf apt-get update -qq >&2
  APT_CONFIG=$at/apt.conf apt-get install -y -qq --download-only --no-install-recommends "$@" >&2
  local package
  for package in "$at"/cache/archives/*.deb; do dpkg-deb -x "$package" "$at/root"; done
  rm -rf "$at/cache" "$at/state" "$at"/root/usr/share/{doc,man,locale,perl,zoneinfo,mysql-test}
  touch "$at/.ok"
}
get_mysql() { unpack mysql sid mysql-server-core mysql-client-core; }
get_mariadb() { unpack mariadb bookworm mariadb-server-core mariadb-client-core; }
get_redis() { unpack redis bookworm redis-server redis-tools; }

# unpacked NAME BINARY: sets COMMAND to the binary with its own loader and libraries: no chroot, no clash with the host's.
unpacked() {
  local root=$CACHE/$1/root loader libraries
  loader=$(compgen -G "$root/usr/lib64/ld-linux-*.so.*" || compgen -G "$root/lib*/ld-linux-*.so.*")
  libraries=$(compgen -G "$root/usr/lib/*-linux-gnu*" || true; compgen -G "$root/lib/*-linux-gnu*" || true)
  libraries=${libraries//$'\n'/:}:$root/usr/lib/mysql/private
  COMMAND=("$loader" --library-path "$libraries" "$root/usr/$2")
}

use_redis() {
  REDIS_SERVER=(redis-server) REDIS_CLI=(redis-cli)
  has redis-server && has redis-cli && return
  unpacked redis bin/redis-server; REDIS_SERVER=("${COMMAND[@]}")
  unpacked redis bin/redis-cli; REDIS_CLI=("${COMMAND[@]}")
}

as_root() { [ "$(id -u)" != 0 ] || echo --user=root; } # both servers refuse to run as root unless told

use_mysql() {
  local root=$CACHE/mysql/root
  SQL_SERVER=(mysqld --no-defaults $(as_root)) SQL_CLIENT=(mysql --no-defaults)
  is_mysql && return
  unpacked mysql sbin/mysqld
  SQL_SERVER=("${COMMAND[@]}" --no-defaults $(as_root) --basedir="$root/usr" --lc-messages-dir="$root/usr/share/mysql"
    --character-sets-dir="$root/usr/share/mysql/charsets" --plugin-dir="$root/usr/lib/mysql/plugin" --secure-file-priv=)
  unpacked mysql bin/mysql; SQL_CLIENT=("${COMMAND[@]}" --no-defaults)
}

use_mariadb() {
  local root=$CACHE/mariadb/root
  SQL_SERVER=(mariadbd --no-defaults $(as_root)) SQL_CLIENT=(mariadb --no-defaults) SQL_SHARE=/usr/share/mysql
  has mariadbd && has mariadb && return
  unpacked mariadb sbin/mariadbd
  SQL_SERVER=("${COMMAND[@]}" --no-defaults $(as_root) --basedir="$root/usr" --lc-messages-dir="$root/usr/share/mysql"
    --character-sets-dir="$root/usr/share/mysql/charsets" --plugin-dir="$root/usr/lib/mysql/plugin")
  unpacked mariadb bin/mariadb; SQL_CLIENT=("${COMMAND[@]}" --no-defaults); SQL_SHARE=$root/usr/share/mysql
}
