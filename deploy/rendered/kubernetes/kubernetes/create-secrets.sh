#!/usr/bin/env bash
# Rendered from deploy/topologies/kubernetes.yaml by `npx nakku topology render`. Change that, not this.
set -euo pipefail
case "${1:-}" in
  -h | --help)
    cat <<USAGE
Makes the Secrets of Nakku of the files in FOLDER, which \`npx nakku secrets init\` makes. Each app gets what it needs and no more.
Run again, it brings them up to date; pods see that at their next start.
Usage: ${0##*/} [FOLDER (deploy/secrets)] [NAMESPACE (nakku)]
USAGE
    exit
    ;;
esac
folder=${1:-deploy/secrets}
namespace=${2:-nakku}
[ -d "$folder" ] || { echo "there is no folder $folder: run \`npx nakku secrets init\` first, or say where it is" >&2; exit 1; }

apply() { kubectl --namespace "$namespace" create secret "$@" --dry-run=client --output yaml | kubectl apply --filename -; }
have() { [ -s "$folder/$1" ] || { echo "$folder/$1 is missing or empty: \`npx nakku secrets init\` makes it" >&2; exit 1; }; }
secret() {
  local name=$1 key files=()
  shift
  for key in "$@"; do
    have "$key"
    files+=("--from-file=$folder/$key")
  done
  apply generic "$name" "${files[@]}"
}

secret api-gateway jwt_public_key internal_secret metrics_token redis_url
secret user-service jwt_private_key internal_secret metrics_token user_db_password redis_url
secret product-service jwt_public_key internal_secret metrics_token product_db_password redis_url
secret inventory-service jwt_public_key internal_secret metrics_token inventory_db_password redis_url
secret order-service jwt_public_key internal_secret metrics_token order_db_password redis_url
secret cart-service jwt_public_key internal_secret metrics_token cart_db_password redis_url
secret payment-service jwt_public_key internal_secret metrics_token payment_webhook_secret payment_db_password redis_url
secret delivery-service jwt_public_key internal_secret metrics_token delivery_db_password redis_url
secret notification-service jwt_public_key internal_secret metrics_token notification_db_password redis_url
secret location-service jwt_public_key internal_secret metrics_token location_db_password redis_url
secret analytics-service jwt_public_key internal_secret metrics_token analytics_db_password redis_url
secret migrate migration_db_password
secret mysql mysql_root_password user_db_password product_db_password inventory_db_password order_db_password cart_db_password payment_db_password delivery_db_password notification_db_password location_db_password analytics_db_password migration_db_password backup_db_password replication_db_password
secret redis redis_password

have tls.crt
have tls.key
apply tls tls --cert "$folder/tls.crt" --key "$folder/tls.key"
