# The image of `expense-backend`: one program, the four files of the C library that it links, root certificates.
# docs/IMAGE.md says why it is built this way, and what of it was run where.
#
#   docker buildx build --platform linux/amd64,linux/arm64 --build-arg GIT_COMMIT="$(git rev-parse HEAD)" .
#
# The one image from a registry. The digest is the one that many public Dockerfiles name for this tag (November 2026); it
# was not pulled when this was written. Dependabot moves tag and digest together; rust-toolchain.toml has to follow.
FROM --platform=$BUILDPLATFORM docker.io/library/rust:1.95.0-bookworm@sha256:6258907abe69656e41cd992e0b705cdcfabcbbe3db374f92ed2d47121282d4a1 AS toolchain

# --- Compilers: on the builder's own processor, for the image's. Nothing is emulated.
FROM toolchain AS compilers
# Instead of rust-toolchain.toml, whose components (clippy, rustfmt) are of no use here.
ENV RUSTUP_TOOLCHAIN=1.95.0
ARG TARGETARCH
# aws-lc and SQLite are C: another processor needs a cross compiler and its C library.
COPY image/target image/install-compilers /image/
RUN /image/install-compilers "$TARGETARCH"

# --- The dependencies, in a layer that only a manifest or the lock file makes anew.
FROM compilers AS dependencies
ARG TARGETARCH
# "dev" for a quick build on one's own machine.
ARG PROFILE=release
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY xtask/Cargo.toml xtask/
COPY image/compile /image/
RUN /image/compile "$TARGETARCH"

# --- The program.
FROM dependencies AS build
ARG TARGETARCH
ARG PROFILE=release
COPY bins bins
COPY src src
COPY migrations migrations
# Late, so that a new commit keeps the layers above.
ARG GIT_COMMIT
ARG SOURCE_DATE_EPOCH
RUN /image/compile "$TARGETARCH" /out/expense-backend

# --- The file system that it runs in, from the target's own Debian packages, with their security updates.
FROM toolchain AS files
ARG TARGETARCH
COPY image/target image/files /image/
RUN /image/files "$TARGETARCH" /files

# --- What is shipped.
FROM scratch AS runtime
ARG VERSION=0.1.0
ARG GIT_COMMIT
LABEL org.opencontainers.image.title="expense-backend" \
      org.opencontainers.image.description="An expense API that runs as a container behind a load balancer" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${GIT_COMMIT}"
COPY --from=files /files/system/ /
COPY --from=files --chown=65532:65532 /files/home/ /var/lib/
COPY --from=build /out/expense-backend /usr/bin/expense-backend
# Never ENVIRONMENT: which one this is, its deployment says.
ENV HOST=0.0.0.0
# A number, so that Kubernetes can see that it is not root.
USER 65532:65532
# The only folder of that user: SQLite's, where no database is configured. With MySQL nothing is written anywhere.
WORKDIR /var/lib/expense-backend
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 CMD ["/usr/bin/expense-backend", "healthcheck"]
ENTRYPOINT ["/usr/bin/expense-backend"]
