#!/usr/bin/env bash
# kubernetes-cluster.sh --yes   applies the manifests, then the chart, to the cluster of the current context, and takes them away again
# It refuses a cluster that has a namespace `nakku`, and one with fewer than two nodes. It cordons and drains nodes: not for a cluster that is used.
#   BUSY, IDLE     commands that make the pods busy and idle (a load test, or a metrics API that says so); without them autoscaling by CPU is skipped
#   ORDERS         a command that lets orders be confirmed: above what autoscale says; without it autoscaling by orders is skipped
#   WAIT           how many seconds a rollout may take (300)
# about: rollouts, budgets, autoscaling and policies on a cluster
# needs: kubectl cluster
# order: 80
# by hand: it drains the machines of the cluster: `deploy/verify/kubernetes-cluster.sh --yes`
set -euo pipefail
case "${1:-}" in
  -h | --help) sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit ;;
  --yes) ;;
  *) echo "this changes the cluster of $(kubectl config current-context 2>/dev/null || echo 'no context'): say --yes if that is what you want" >&2; exit 2 ;;
esac
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
MANIFESTS=$here/../rendered/kubernetes/kubernetes
CHART=$here/../helm/nakku
NAMESPACE=nakku
WAIT=${WAIT:-300}
work=$(mktemp -d)
cordoned=() started=''

say() { printf '%(%T)T %s\n' -1 "$*"; }
fail() { say "FAILED: $*" >&2; exit 1; }
k() { kubectl --namespace "$NAMESPACE" "$@"; }
clean_up() {
  for node in "${cordoned[@]}"; do kubectl uncordon "$node" >/dev/null 2>&1 || true; done
  [ -z "$started" ] || kubectl delete namespace "$NAMESPACE" --wait=false >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean_up EXIT

# eventually SECONDS WHAT COMMAND...: until the command succeeds
eventually() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || fail "$what"
    sleep 1
  done
}

kubectl version --output json >/dev/null 2>&1 || { say 'skipped: no control plane answers'; exit 0; }
! kubectl get namespace "$NAMESPACE" >/dev/null 2>&1 || fail "the cluster has a namespace $NAMESPACE"
mapfile -t nodes < <(kubectl get nodes --output name)
[ ${#nodes[@]} -ge 2 ] || fail 'a drain needs two nodes'
started=1

apply_secrets() {
  local name keys key
  while read -r _ name keys; do
    for key in $keys; do [ -s "$work/$key" ] || openssl rand -hex 24 >"$work/$key"; done
  done < <(grep '^secret [a-z]' "$MANIFESTS/create-secrets.sh")
  openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=verify -keyout "$work/tls.key" -out "$work/tls.crt" 2>/dev/null
  "$MANIFESTS/create-secrets.sh" "$work" "$NAMESPACE" >/dev/null
}

rolled_out() {
  local kind name
  for kind in statefulset deployment; do
    for name in $(k get "$kind" --output name); do
      k rollout status "$name" --timeout "${WAIT}s" >/dev/null || fail "$name did not roll out"
    done
  done
}
ready() { k get deployment "$1" --output 'jsonpath={.status.readyReplicas}'; }
least() { [ "$(ready "$1")" -ge "$2" ]; }

say 'namespace, Secrets, manifests'
kubectl apply --filename "$MANIFESTS/00-namespace.yaml" >/dev/null
apply_secrets
kubectl apply --filename "$MANIFESTS" >"$work/apply.log" 2>&1 || { cat "$work/apply.log"; fail 'kubectl apply'; }
! grep -i warning "$work/apply.log" || fail 'the API server warns (Pod Security, deprecations)'
rolled_out
for job in $(k get job --output name); do k wait --for=condition=Complete "$job" --timeout "${WAIT}s" >/dev/null || fail "$job did not complete"; done
eventually 120 'the autoscaler did not bring the gateway to 3' least api-gateway 3
for name in $(k get deployment --output 'jsonpath={.items[*].metadata.name}'); do eventually 120 "$name has not got two copies" least "$name" 2; done
say "$(k get pods --no-headers | wc -l) pods, all rolled out; $(k get networkpolicy --no-headers | wc -l) policies accepted"

# Every Service that has a selector finds somebody.
for name in $(k get service --output 'jsonpath={.items[*].metadata.name}'); do
  [ -n "$(k get endpointslice --selector "kubernetes.io/service-name=$name" --output 'jsonpath={.items[*].endpoints[*].addresses}')" ] || fail "the Service $name finds no pod"
done
say "$(k get service --no-headers | wc -l) Services, each with pods behind it"

# The other way round: without it, nothing would be shown by the pods being there.
refusal=$(k run root --image busybox --dry-run=server --overrides '{"spec":{"hostNetwork":true}}' 2>&1) && fail 'Pod Security lets a pod on the network of the host'
[[ $refusal == *PodSecurity* ]] || fail "not refused by Pod Security: $refusal"
say 'Pod Security refuses a pod that is not restricted'

# A new version: at no moment fewer than before.
before=$(ready order-service)
k patch deployment order-service --type merge --patch '{"spec":{"template":{"metadata":{"annotations":{"verify":"again"}}}}}' >/dev/null
fewest=$before
until k rollout status deployment/order-service --timeout 0.2s >/dev/null 2>&1; do
  now=$(k get deployment order-service --output 'jsonpath={.status.availableReplicas}')
  [ "${now:-0}" -ge "$fewest" ] || fewest=${now:-0}
done
[ "$fewest" -ge "$before" ] || fail "$fewest of $before copies were available while order-service rolled out"
say "order-service rolled out anew; never fewer than $fewest of $before available"

# With nowhere to go, one copy may be taken from each, and then the drain has to wait.
for node in "${nodes[@]}"; do kubectl cordon "$node" >/dev/null && cordoned+=("$node"); done
refused=0
for node in "${nodes[@]}"; do
  kubectl drain "$node" --ignore-daemonsets --delete-emptydir-data --pod-selector app.kubernetes.io/part-of=nakku --timeout 5s >"$work/drain.log" 2>&1 || true
  ! grep -q "would violate the pod's disruption budget" "$work/drain.log" || refused=$((refused + 1))
done
[ "$refused" -gt 0 ] || fail 'no drain was blocked'
least api-gateway 2 || fail "$(ready api-gateway) gateways are left"
for name in $(k get deployment --output 'jsonpath={.items[*].metadata.name}'); do least "$name" 1 || fail "no $name is left"; done
for name in mysql kafka redis; do
  [ "$(k get statefulset "$name" --output 'jsonpath={.status.readyReplicas}')" -ge 2 ] || fail "fewer than two of $name are left"
done
say "all nodes drained at once: $refused of ${#nodes[@]} drains were blocked; two gateways, one of each service, two of each server stay"
for node in "${cordoned[@]}"; do kubectl uncordon "$node" >/dev/null; done
cordoned=()
rolled_out

more_than() { [ "$(k get hpa "$1" --output 'jsonpath={.status.desiredReplicas}')" -gt "$2" ]; }
if [ -n "${BUSY:-}" ]; then
  bash -c "${IDLE:-true}"
  bash -c "$BUSY"
  eventually 180 'the autoscaler has not scaled user-service up' more_than user-service 2
  eventually "$WAIT" 'no third user-service got ready' least user-service 3
  say "busy: user-service went from 2 to $(ready user-service)"
  bash -c "${IDLE:-true}"
else
  say 'skipped: autoscaling by CPU, as there is no BUSY'
fi
if [ -n "${ORDERS:-}" ]; then
  # It may have grown with the others; without load it would go back only after minutes.
  k patch hpa order-service --type merge --patch '{"spec":{"behavior":{"scaleDown":{"stabilizationWindowSeconds":0,"policies":[{"type":"Percent","value":100,"periodSeconds":1}]}}}}' >/dev/null
  eventually 180 'order-service does not go back to 2' bash -c "[ \"\$(kubectl -n $NAMESPACE get hpa order-service -o 'jsonpath={.status.currentReplicas}')\" = 2 ]"
  bash -c "$ORDERS"
  eventually 180 'the autoscaler has not scaled order-service up' more_than order-service 2
  eventually "$WAIT" 'no third order-service got ready' least order-service 3
  say "orders: order-service went from 2 to $(ready order-service)"
else
  say 'skipped: autoscaling by orders, as there is no ORDERS'
fi

command -v helm >/dev/null || { say 'skipped: there is no helm'; exit 0; }
say 'the same by Helm'
kubectl delete namespace "$NAMESPACE" --wait --timeout "${WAIT}s" >/dev/null
kubectl apply --filename "$MANIFESTS/00-namespace.yaml" >/dev/null
apply_secrets
release() { helm upgrade --install nakku "$CHART" --namespace "$NAMESPACE" --wait --timeout "${WAIT}s" "$@" >/dev/null; }
image() { k get deployment order-service --output 'jsonpath={.spec.template.spec.containers[0].image}'; }
release --set image.tag=1.0.0 || fail 'helm install'
k scale deployment order-service --replicas 5 >/dev/null
release --set image.tag=1.1.0 || fail 'helm upgrade'
[ "$(image)" = nakku/order-service:1.1.0 ] || fail "after the upgrade order-service runs $(image)"
[ "$(k get deployment order-service --output 'jsonpath={.spec.replicas}')" != 2 ] || fail 'the upgrade undid what the autoscaler had decided'
k get job migrate-2 >/dev/null || fail 'the upgrade did not migrate'
helm rollback nakku 1 --namespace "$NAMESPACE" --wait --timeout "${WAIT}s" >/dev/null || fail 'helm rollback'
[ "$(image)" = nakku/order-service:1.0.0 ] || fail "after the rollback order-service runs $(image)"
helm uninstall nakku --namespace "$NAMESPACE" --wait >/dev/null
[ -z "$(k get deployment,statefulset,job --output name)" ] || fail 'helm uninstall left something behind'
[ -n "$(k get pvc --output name)" ] || fail 'helm uninstall took the disks with it'
say 'helm: installed, upgraded, rolled back, uninstalled; the disks stay'
say 'kubernetes-cluster: done'
