#!/usr/bin/env bash
# kubernetes.sh   checks the chart and the plain manifests with whatever of kubeconform, helm, kube-score and checkov is on the PATH
# What is missing is skipped, and named. It talks to no cluster: kubernetes-cluster.sh does.
# about: the chart and the manifests are valid and say the same
# needs: node
# order: 15
set -euo pipefail
case "${1:-}" in
  -h | --help) sed -n '2,3s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit ;;
  '') ;;
  *) echo "kubernetes.sh takes no arguments, but was given $1" >&2; exit 2 ;;
esac
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CHART=$here/../helm/nakku
MANIFESTS=$here/../rendered/kubernetes/kubernetes
VERSION=${KUBERNETES_VERSION:-1.34.0}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf '%s\n' "$*"; }
fail() { say "FAILED: $*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }
template() { helm template nakku "$CHART" --namespace nakku --kube-version "$VERSION" "$@"; }

[ -f "$CHART/Chart.yaml" ] || fail "there is no chart: npx nakku topology render"

# Against the schemas of Kubernetes itself, with nothing unknown allowed. The Prometheus operator's objects have none there.
if has kubeconform-offline; then
  valid() { kubeconform-offline "$@"; }
elif has kubeconform; then
  valid() { kubeconform -strict -summary -kubernetes-version "$VERSION" "$@"; }
else
  valid() { :; }
  say 'skipped: there is no kubeconform'
fi
valid -output text "$MANIFESTS"/*.yaml || fail 'the plain manifests are not valid'

if has shellcheck; then
  shellcheck "$MANIFESTS"/*.sh || fail 'shellcheck'
  say 'shellcheck has nothing to say about create-secrets.sh'
else
  bash -n "$MANIFESTS/create-secrets.sh" || fail 'create-secrets.sh is no script'
fi

if ! has helm; then
  say 'skipped: there is no helm'
  exit
fi
helm lint --strict --quiet "$CHART" || fail 'helm lint'
say 'helm lint has nothing to say'
template | node "$here/kubernetes-compare.cjs" "$MANIFESTS" || fail 'the chart and the manifests are not the same'

# Every switch, by itself.
switch() {
  local name=$1
  shift
  template "$@" >"$work/$name.yaml" || fail "helm template $*"
  valid -skip ServiceMonitor "$work/$name.yaml" >"$work/$name.log" 2>&1 || { cat "$work/$name.log"; fail "$name is not valid"; }
  say "$name: $(grep -c '^kind:' "$work/$name.yaml") objects, valid"
}
without() { ! grep -Eq "$2" "$work/$1.yaml" || fail "$1 still has $2"; }
with() { grep -Eq "$2" "$work/$1.yaml" || fail "$1 has no $2"; }

switch managed --values "$CHART/examples/managed.yaml"
without managed '^kind: (StatefulSet|PersistentVolumeClaim)'
with managed 'KAFKA_SASL_PASSWORD_FILE'
with managed '_DB_HOST: "?mysql-primary.db.example.com'
for data in mysql kafka redis; do switch "without-$data" --set "$data.enabled=false"; done
switch without-policies --set networkPolicy.enabled=false
without without-policies '^kind: NetworkPolicy'
switch without-autoscaling --set autoscaling.enabled=false
without without-autoscaling '^kind: HorizontalPodAutoscaler'
with without-autoscaling '^  replicas: 3'
switch by-cpu-alone --set autoscaling.ordersPerMinute=false
without by-cpu-alone 'orders_confirmed'
switch without-ingress --set ingress.enabled=false
without without-ingress '^kind: Ingress'
switch service-monitors --set serviceMonitor.enabled=true
with service-monitors '^kind: ServiceMonitor'
switch trial --set mode=development,seed=demo,mysql.storageClass=fast,image.repository=registry.example.com/nakku,image.tag=1.2.3
with trial 'image: "?registry.example.com/nakku/order-service:1.2.3'
with trial 'storageClassName: "?fast'
with trial 'NAKKU_SEED: "?demo'

# What nobody reads, or what is of the wrong kind, is refused and not ignored.
for wrong in ingres.host=shop.example processes.orderService.replica=4 mysql.port=many seed=all; do
  ! template --set "$wrong" >"$work/out" 2>&1 || fail "the chart takes --set $wrong"
done
say 'values that nobody reads are refused'

# Opinions: told, and no failure.
if has kube-score; then
  kube-score score --output-format ci "$MANIFESTS"/*.yaml | grep -v '^\[OK\|^\[SKIPPED' || say 'kube-score has nothing to say'
else
  say 'skipped: there is no kube-score'
fi
if has checkov; then
  checkov --quiet --compact --framework kubernetes --directory "$MANIFESTS" || true
else
  say 'skipped: there is no checkov'
fi
say 'kubernetes: the chart and the manifests are well'
