# The server, its jobs (node dist/cli.js) and, as the target `lambda`, the same app behind AWS Lambda.
#   docker build -t p2p .                        the server
#   docker build -t p2p-lambda --target lambda . with Lambda's runtime client
# A release pins its base by digest: --build-arg NODE_IMAGE=node:24-bookworm-slim@sha256:...
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS source
WORKDIR /app
COPY package.json package-lock.json ./

# What runs in production, and the list of it. No package of ours needs an install script.
FROM source AS modules
RUN --mount=type=cache,target=/npm-cache \
    npm ci --cache /npm-cache --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
 && npm pkg delete devDependencies optionalDependencies \
 && npm sbom --sbom-format=cyclonedx >sbom.cdx.json

FROM source AS build
RUN --mount=type=cache,target=/npm-cache \
    npm ci --cache /npm-cache --omit=optional --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npx tsc -p tsconfig.build.json && rm -f dist/.tsbuildinfo

# Compiled against the headers of the base's own Node. Only the client's two packages are kept, not what compiles it.
FROM ${NODE_IMAGE} AS lambda-client
RUN apt-get update \
 && apt-get install -y --no-install-recommends autoconf automake cmake g++ libtool make python3 xz-utils \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /client
COPY infra/lambda-client/package.json infra/lambda-client/package-lock.json ./
RUN --mount=type=cache,target=/npm-cache \
    npm_config_nodedir=/usr/local npm ci --cache /npm-cache --no-audit --no-fund \
 && mkdir -p /kept/@aws \
 && cp -R node_modules/aws-lambda-ric /kept/ \
 && cp -R node_modules/@aws/lambda-invoke-store /kept/@aws/ \
 && rm -rf /kept/aws-lambda-ric/deps /kept/aws-lambda-ric/src

# Nothing in the image installs packages, so what could is taken out. Files belong to root: the server cannot change itself.
# A volume mounted at /var/lib/p2p (P2P_STORAGE_DIR) takes over that it is the server's.
FROM ${NODE_IMAGE} AS runtime
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
    /opt/yarn* /usr/local/bin/yarn /usr/local/bin/yarnpkg \
 && install -d -o node -g node -m 0700 /var/lib/p2p
WORKDIR /app
COPY LICENSE package.json ./
COPY --from=modules /app/sbom.cdx.json ./
COPY --from=modules /app/node_modules node_modules
COPY infra/tables.json infra/
COPY --from=build /app/dist dist
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000
USER node
ARG NODE_IMAGE
ARG VERSION=dev
ARG REVISION=unknown
ARG CREATED=
LABEL org.opencontainers.image.title="ERP-Lite Procure-to-Pay" \
      org.opencontainers.image.description="API-first procure-to-pay server, with its jobs" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="${NODE_IMAGE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"

FROM runtime AS lambda
COPY --from=lambda-client /kept /opt/lambda-client/node_modules
COPY infra/lambda-client/start.mjs /opt/lambda-client/
ENTRYPOINT ["node", "/opt/lambda-client/start.mjs"]
CMD ["dist/lambda.handler"]

# Last, so that it is what a build without a target gives. Run it under an init: docker run --init, compose init: true, ECS initProcessEnabled.
FROM runtime AS server
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/server.js"]
