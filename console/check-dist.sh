#!/usr/bin/env bash
# The committed console is what its source builds to, byte for byte, and its types are the API's. Skips, saying so, where
# Node or its packages cannot be had: a user's machine needs neither.
set -euo pipefail
cd "$(dirname "$0")"
command -v npm >/dev/null || { echo "skipped: no npm here, the committed console is taken as it is"; exit 0; }
if [ ! -d node_modules ] && ! npm ci --silent >/dev/null 2>&1; then
    echo "skipped: the console's packages cannot be had here"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npx --no-install openapi-typescript ../collector/openapi.json -o "$work/schema.d.ts" >/dev/null 2>&1
cmp "$work/schema.d.ts" src/api/schema.d.ts || { echo "src/api/schema.d.ts is not what collector/openapi.json says: npm run types" >&2; exit 1; }
npx --no-install svelte-check --tsconfig ./tsconfig.json --fail-on-warnings --output machine >"$work/check" || { cat "$work/check" >&2; exit 1; }
npx --no-install vite build --outDir "$work/dist" --logLevel error
diff -r "$work/dist" dist || { echo "dist/ is not what the source builds to: npm run build" >&2; exit 1; }
echo "the committed console equals its source's build"
