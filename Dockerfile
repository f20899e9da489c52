# One image for all services and for `parley run`: the command says which.
# By version; by digest (python@sha256:…) with --build-arg, or as deploy/compose/pin writes it.
ARG PYTHON_IMAGE=python:3.13-slim-trixie
FROM ${PYTHON_IMAGE} AS build
WORKDIR /build
RUN python -m venv /opt/parley
COPY build.lock requirements.lock ./
RUN /opt/parley/bin/pip install --no-cache-dir --no-deps --no-build-isolation --use-pep517 --require-hashes -r build.lock
RUN /opt/parley/bin/pip install --no-cache-dir --no-deps --no-build-isolation --use-pep517 --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY shared shared
COPY services services
COPY demos demos
RUN /opt/parley/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM ${PYTHON_IMAGE}
RUN useradd --system --uid 10001 --home-dir /srv --shell /usr/sbin/nologin parley \
    && mkdir -p /srv/interviews /srv/packages /srv/var && chown parley /srv/var
COPY --from=build /opt/parley /opt/parley
COPY demos /srv/packages/demos
ENV PATH=/opt/parley/bin:$PATH PYTHONUNBUFFERED=1 PARLEY_PACKAGES=/srv/interviews:/srv/packages PARLEY_VAR=/srv/var
USER parley
WORKDIR /srv
VOLUME /srv/var
EXPOSE 8000 8025 8090
ENTRYPOINT ["parley"]
CMD ["run", "--host", "0.0.0.0", "--port", "8000"]
