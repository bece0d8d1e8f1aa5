# One image for web and worker. PostgreSQL runs beside it (see compose.yaml).
FROM python:3.13-slim-bookworm AS packages
WORKDIR /app
COPY requirements/app.txt requirements/app.txt
RUN python -m venv /app/venv \
 && /app/venv/bin/pip install --no-cache-dir --require-hashes -r requirements/app.txt

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --create-home --home-dir /data creditwell
COPY --from=packages /app/venv /app/venv
COPY src /app/src
ENV PATH=/app/venv/bin:$PATH \
    PYTHONPATH=/app/src \
    PYTHONUNBUFFERED=1 \
    CREDITWELL_DATA=/data \
    CREDITWELL_HOST=0.0.0.0 \
    PORT=8000
WORKDIR /data
USER creditwell
VOLUME /data
EXPOSE 8000
HEALTHCHECK --start-period=60s --interval=30s CMD ["python", "-c", \
  "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=5)"]
ENTRYPOINT ["python", "-m", "creditwell"]
CMD ["web"]
