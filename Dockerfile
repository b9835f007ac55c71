# The server, as it runs behind a reverse proxy: docs/deployment.md. Needs Docker 25 or later, or Podman 5.
ARG PYTHON_IMAGE=python:3.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN python -m venv --without-pip /opt/quartermaster && python -m venv /opt/build
# What is needed changes rarely, the program often: each is a layer.
COPY packaging/container/build.lock packaging/container/requirements.lock ./
RUN /opt/build/bin/pip install --require-hashes --no-deps --only-binary :all: -r build.lock \
    && /opt/build/bin/pip --python /opt/quartermaster/bin/python install \
       --require-hashes --no-deps --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY alembic alembic
COPY quartermaster quartermaster
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /opt/build/bin/pip --python /opt/quartermaster/bin/python install --no-deps --no-index /wheels/*.whl


FROM ${PYTHON_IMAGE}
# Nothing is written but the data and /tmp: a home folder there takes what libraries want to remember.
ENV PATH=/opt/quartermaster/bin:${PATH} \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    QUARTERMASTER_DB_URL=sqlite:////data/quartermaster.db \
    QUARTERMASTER_HOST=0.0.0.0 \
    QUARTERMASTER_PORT=8080 \
    QUARTERMASTER_LOG_FORMAT=json
# Python's images come without compiled files, and a read-only one could never keep any: a start would compile each time.
RUN python -m compileall -q -x '/(site-packages|test|idlelib|tkinter|turtledemo|lib2to3|ensurepip)/' \
    "$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
COPY --from=build /opt/quartermaster /opt/quartermaster
# What the image says about itself is told by who builds it; last, since it is another each time. The version is that of pyproject.toml.
ARG VERSION=unknown
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
ARG SOURCE=
ARG URL=${SOURCE}
LABEL org.opencontainers.image.title="Quartermaster" \
      org.opencontainers.image.description="A household's zero-based budget" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.url="${URL}"
USER 1000:1000
WORKDIR /
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --start-interval=1s --retries=3 CMD ["quartermaster", "health"]
# The program itself, with no shell in between: `serve` brings the data file to this version after a backup and then
# serves, in one process that hears SIGTERM all along. `docker exec` and `docker compose run` take other commands.
ENTRYPOINT ["quartermaster"]
CMD ["serve"]
