FROM node:26-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY .bundle ./.bundle
COPY .version ./.version
COPY .pages ./.pages
COPY .notices ./.notices
COPY src ./src
# The build has no repository to read the commit from: docker build --build-arg PODNETD_COMMIT=$(.version/commit) .
ARG PODNETD_COMMIT
RUN npm run build

FROM node:26-bookworm-slim AS addons
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

# Of the same C library as above (glibc): the native addons, for kernel locks and rtnetlink, are prebuilt binaries.
FROM node:26-bookworm-slim
WORKDIR /opt/podnetd
COPY --from=addons /src/node_modules ./node_modules
COPY --from=build /src/dist/*.cjs /src/dist/podnetd.cache /src/dist/THIRD-PARTY-NOTICES.txt ./dist/
RUN install -d -o node -g node -m 0755 /run/podnetd /var/lib/podnetd/net.d

# As it stands it has no privileges, and makes conflists in a volume. To make those of the host, run it as root in the host's network,
# where it sees the host's interfaces and routes, and share the lock files, by which a Podman of the host and it take turns, and what tells
# who is on a network:
#   docker run --user 0 --network host --pid host -v /run/podnetd:/run/podnetd -v /run/lock:/run/lock \
#     -v /var/lib/cni:/var/lib/cni:ro -v /run/netns:/run/netns:ro,rslave \
#     -v /etc/cni/net.d:/etc/cni/net.d -v /usr/lib/cni:/usr/lib/cni:ro podnetd --cni-config-dir /etc/cni/net.d
# As in the units of systemd/.
ENV MALLOC_ARENA_MAX=1
USER node
VOLUME ["/run/podnetd", "/var/lib/podnetd/net.d"]
# Arguments of `docker run` replace those of CMD alone, so that the socket stays where the health check asks.
ENTRYPOINT ["node", "/opt/podnetd/dist/launch.cjs", "--listen", "unix:///run/podnetd/podnetd.sock"]
CMD ["--cni-config-dir", "/var/lib/podnetd/net.d"]
# As it stands the image has no plugins: it makes networks, and connects nobody.
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s \
  CMD ["node", "-e", "require('node:http').get({ socketPath: '/run/podnetd/podnetd.sock', path: '/podnetd/v1/ready?exclude=plugins' }, (answer) => process.exit(answer.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]
