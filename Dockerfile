# syntax=docker/dockerfile:1

FROM node:22-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev

# glibc: the prebuilt native addons (kernel locks, rtnetlink) are for it.
FROM node:22-bookworm-slim
WORKDIR /opt/podnetd
COPY --from=build /src/package.json ./
COPY --from=build /src/node_modules ./node_modules
COPY --from=build /src/dist ./dist
RUN install -d -o node -g node -m 0755 /run/podnetd /var/lib/podnetd/net.d

# Without privileges it makes conflists in a volume. For networks of the host, as root:
#   docker run --user 0 --network host -v /run/podnetd:/run/podnetd -v /run/lock:/run/lock -v /etc/cni/net.d:/etc/cni/net.d \
#     -v /usr/lib/cni:/usr/lib/cni:ro podnetd --listen unix:///run/podnetd/podnetd.sock
# With the host's network it sees the host's interfaces and routes; the shared lock files keep a Podman of the host out.
USER node
VOLUME ["/run/podnetd", "/var/lib/podnetd/net.d"]
ENTRYPOINT ["node", "/opt/podnetd/dist/main.js"]
CMD ["--listen", "unix:///run/podnetd/podnetd.sock", "--cni-config-dir", "/var/lib/podnetd/net.d"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s \
  CMD ["node", "-e", "require('http').get({ socketPath: '/run/podnetd/podnetd.sock', path: '/_ping' }, (r) => process.exit(r.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]
