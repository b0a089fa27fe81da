/** The images of what Nakku stands on: one place for their versions. */
export const IMAGES = {
  mysql: 'mysql:8.4',
  mariadb: 'mariadb:10.11',
  kafka: 'apache/kafka:3.9.2',
  redis: 'redis:7.4',
  nginx: 'nginx:1.28',
  haproxy: 'haproxy:3.0',
  consul: 'hashicorp/consul:1.20',
  prometheus: 'prom/prometheus:v3.5.0',
  alertmanager: 'prom/alertmanager:v0.28.1',
  grafana: 'grafana/grafana:12.1.0',
  elasticsearch: 'docker.elastic.co/elasticsearch/elasticsearch:8.19.0',
  kibana: 'docker.elastic.co/kibana/kibana:8.19.0',
  filebeat: 'docker.elastic.co/beats/filebeat:8.19.0',
} as const;

/** The image of a process: one build, tagged for each; the version is the operator's. */
export const imageOf = ({ app }: { app: string }): string => `nakku/${app}:\${NAKKU_VERSION:-latest}`;
