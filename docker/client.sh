# shellcheck shell=bash
# Sets DOCKER to a docker client that can build with BuildKit; to be sourced.
# A newer client needs the buildx plugin for that and may lack it where an older one, that needs none, is there as well.
docker_that_builds() {
  local candidate
  while read -r candidate; do
    if "$candidate" buildx version >/dev/null 2>&1 || [[ $("$candidate" version -f '{{.Client.Version}}' 2>/dev/null) =~ ^(19|20)\. ]]; then
      echo "$candidate"
      return
    fi
  done < <(type -ap docker)
}
DOCKER=${DOCKER:-$(docker_that_builds)}
[ -n "$DOCKER" ] || { echo 'There is no docker client here that builds with BuildKit (docker with the buildx plugin).' >&2; exit 1; }
"$DOCKER" info >/dev/null 2>&1 || { echo 'The docker daemon does not answer: is it running, and is DOCKER_HOST right?' >&2; exit 1; }
