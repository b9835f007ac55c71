#!/bin/sh
# Puts packages into Forgejo's registry for files, under the version that is in pyproject.toml. For the workflow.
set -eu

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)
owner=${GITHUB_REPOSITORY%%/*}
for package in "$@"; do
    # Over stdin, so that no list of processes shows the token.
    printf 'user = "%s:%s"\n' "$PACKAGES_USER" "$PACKAGES_TOKEN" |
        curl --config - --fail-with-body --silent --show-error --upload-file "$package" \
            "$GITHUB_SERVER_URL/api/packages/$owner/generic/quartermaster/$version/$(basename "$package")"
    echo "Published $(basename "$package") $version"
done
