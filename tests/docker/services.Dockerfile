# What stands for the images of PostgreSQL, HAProxy and Prometheus where none can be pulled: the same programs, of Debian's
# packages, started by the same names and variables.
ARG BASE
FROM ${BASE} AS haproxy
RUN apt-get update -qq && apt-get install -qq --no-install-recommends haproxy >/dev/null
USER haproxy
ENTRYPOINT ["haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]

FROM ${BASE} AS postgres
RUN apt-get update -qq && apt-get install -qq --no-install-recommends postgresql >/dev/null
ENV PATH=/usr/lib/postgresql/15/bin:$PATH
COPY postgres.sh /
ENTRYPOINT ["/postgres.sh"]

FROM ${BASE} AS prometheus
RUN apt-get update -qq && apt-get install -qq --no-install-recommends prometheus >/dev/null \
    && install -d -o prometheus /prometheus
USER prometheus
ENTRYPOINT ["prometheus"]
