# Both programs, from this repository: see docs/releasing.md.
FROM node:24-slim AS build
WORKDIR /src
COPY . .
RUN npx --yes pnpm@12 install --frozen-lockfile && npx --yes pnpm@12 tarball /packed

FROM node:24-slim
COPY --from=build /packed /packed
RUN npm install --global --no-audit --no-fund /packed/*.tgz && npm cache clean --force && rm -r /packed \
  && mkdir /data && chown node:node /data
USER node
ENV CHAIN_DATADIR=/data NODE_ID=3000
VOLUME /data
EXPOSE 3000
CMD ["chain-node", "--help"]
