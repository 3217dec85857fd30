# ---- build ----
# The image brings gcc, which is all that the cryptography (aws-lc) needs; cmake is not used.
FROM rust:1.95-slim-trixie AS build
WORKDIR /build

# The dependencies alone, with empty sources: this layer stays until they change.
COPY Cargo.toml Cargo.lock ./
COPY crates/embedded-postgres/Cargo.toml crates/embedded-postgres/
COPY crates/strict-http1/Cargo.toml crates/strict-http1/
RUN mkdir src crates/embedded-postgres/src crates/strict-http1/src \
    && echo 'fn main() {}' > src/main.rs \
    && touch src/lib.rs crates/embedded-postgres/src/lib.rs crates/strict-http1/src/lib.rs \
    && cargo build --profile dist --locked \
    && rm -r src crates

# The copied sources may be older than the empty ones; `touch` has cargo build them all the same.
COPY build.rs ./
COPY migrations migrations
COPY console console
COPY crates crates
COPY src src
RUN touch src/main.rs src/lib.rs crates/*/src/lib.rs && cargo build --profile dist --locked

# ---- run ----
# The same Debian release as above, since the program is linked to its C library.
FROM debian:trixie-slim

# Authorities, to fetch the keys of issuers over https. A fixed user id, so that the owner of a
# volume stays the same from one image to the next.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 runstate \
    && useradd --uid 10001 --gid runstate --no-create-home --home-dir /var/lib/runstate \
        --shell /usr/sbin/nologin runstate \
    && install -d -o runstate -g runstate -m 0700 /var/lib/runstate /var/backups/runstate

COPY LICENSE-APACHE LICENSE-MIT /usr/share/doc/runstate/
COPY --from=build /build/target/dist/runstate /usr/local/bin/runstate

ENV RUNSTATE_LISTEN=0.0.0.0:8080 \
    RUNSTATE_DATA_DIR=/var/lib/runstate
USER runstate
WORKDIR /var/lib/runstate
VOLUME /var/lib/runstate
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["runstate", "health"]
ENTRYPOINT ["runstate"]
