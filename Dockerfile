# One image for all services and for `parley run`: the command says which.
FROM python:3.11-slim-bookworm AS build
WORKDIR /build
RUN python -m venv /opt/parley
COPY requirements.lock .
RUN /opt/parley/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY shared shared
COPY services services
COPY demos demos
RUN /opt/parley/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
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
