{{/* What the schema cannot say: rules between values. Every one names the values at fault. */}}
{{- define "expense-backend.consistency" -}}
{{- if eq .Values.image.tag "latest" }}
{{- fail "image.tag: latest names no release and cannot be turned back to; write the tag of a release, or image.digest" }}
{{- end }}
{{- include "expense-backend.stores" . }}
{{- include "expense-backend.callers" . }}
{{- include "expense-backend.timing" . }}
{{- include "expense-backend.sizes" . }}
{{- end }}

{{- define "expense-backend.hasRedis" -}}
{{- if or .Values.redis.host (and .Values.secrets.redisSecretId (not .Values.secrets.existingSecret)) }}yes{{ end }}
{{- end }}

{{/* An in-process cache: right for one process only. */}}
{{- define "expense-backend.lonely" -}}
{{- if and (not (include "expense-backend.hasRedis" .)) (ne (toString .Values.config.CACHE_MODE) "off") }}yes{{ end }}
{{- end }}

{{- define "expense-backend.stores" -}}
{{- $secrets := .Values.secrets }}
{{- if and $secrets.existingSecret (not .Values.database.host) }}
{{- fail "database.host: write the MySQL server's name; a Secret given by secrets.existingSecret holds only the login" }}
{{- end }}
{{- if not (or .Values.database.host $secrets.databaseSecretId) }}
{{- fail "secrets.databaseSecretId: write the id of the database's secret, or secrets.existingSecret and database.host; the service keeps nothing in its pods" }}
{{- end }}
{{- if and .Values.database.host (not (or $secrets.databaseSecretId $secrets.existingSecret)) }}
{{- fail "secrets.databaseSecretId: write the id of the secret that holds the login of database.host, or secrets.existingSecret" }}
{{- end }}
{{- if .Values.migration.enabled }}
{{- if not (or $secrets.migrationSecretId $secrets.existingMigrationSecret) }}
{{- fail "secrets.migrationSecretId: write the id of the secret of the user that may change tables, or secrets.existingMigrationSecret, or migration.enabled=false" }}
{{- end }}
{{- if and $secrets.existingMigrationSecret (not .Values.database.host) }}
{{- fail "database.host: write the MySQL server's name; a Secret given by secrets.existingMigrationSecret holds only the login" }}
{{- end }}
{{- end }}
{{- if and .Values.migration.enabled .Values.migration.setupUsers }}
{{- range $name := list "adminSecretId" "databaseSecretId" "migrationSecretId" }}
{{- if not (get $secrets $name) }}
{{- fail (printf "secrets.%s: migration.setupUsers makes the users from three secrets; write its id" $name) }}
{{- end }}
{{- end }}
{{- if or $secrets.existingSecret $secrets.existingMigrationSecret }}
{{- fail "migration.setupUsers: makes the users from Secrets Manager; where Secrets of the namespace hold the logins, make the users by hand" }}
{{- end }}
{{- if not .Values.database.host }}
{{- fail "database.host: migration.setupUsers needs it; the master user's secret does not hold it" }}
{{- end }}
{{- end }}
{{- if and (include "expense-backend.lonely" .) (or .Values.autoscaling.enabled (gt (int .Values.replicaCount) 1)) }}
{{- fail "redis.host: without Redis the cache lives in each process and replicas would answer with different states; write redis.host or secrets.redisSecretId, or config.CACHE_MODE=off, or autoscaling.enabled=false with replicaCount=1" }}
{{- end }}
{{- end }}

{{- define "expense-backend.callers" -}}
{{- $mode := toString .Values.config.AUTH_MODE }}
{{- if and (eq $mode "api-key") (not (or .Values.secrets.apiKeysSecretId .Values.secrets.existingSecret)) }}
{{- fail "secrets.apiKeysSecretId: config.AUTH_MODE=api-key needs the id of the secret with the keys, or secrets.existingSecret with the key API_KEYS" }}
{{- end }}
{{- if eq $mode "jwt" }}
{{- range $name := list "JWT_ISSUER" "JWT_AUDIENCE" "JWT_JWKS" }}
{{- if not (get $.Values.config $name) }}
{{- fail (printf "config.%s: config.AUTH_MODE=jwt needs it" $name) }}
{{- end }}
{{- end }}
{{- end }}
{{- if and (eq .Values.environment "production") (not .Values.config.AUTH_MODE) }}
{{- fail "config.AUTH_MODE: production says in words who may call: api-key, jwt or none" }}
{{- end }}
{{- end }}

{{- define "expense-backend.timing" -}}
{{- $notice := int (default 1000 .Values.config.SHUTDOWN_NOTICE_MS) }}
{{- $request := int (default 10000 .Values.config.REQUEST_TIMEOUT_MS) }}
{{- $drain := mul 1000 (int (default 25 .Values.config.DRAIN_TIMEOUT_SECS)) }}
{{- $grace := mul 1000 (int .Values.terminationGracePeriodSeconds) }}
{{- $deregistration := mul 1000 (int .Values.ingress.deregistrationDelaySeconds) }}
{{- if gt (int (add $notice $request)) (int $drain) }}
{{- fail (printf "config.DRAIN_TIMEOUT_SECS: %d ms is less than SHUTDOWN_NOTICE_MS + REQUEST_TIMEOUT_MS, %d ms: the last requests would be cut off" (int $drain) (int (add $notice $request))) }}
{{- end }}
{{- if ge (int $drain) (int $grace) }}
{{- fail (printf "terminationGracePeriodSeconds: %d ms must be more than config.DRAIN_TIMEOUT_SECS, %d ms: the pod would be killed while it drains" (int $grace) (int $drain)) }}
{{- end }}
{{- if gt (int $deregistration) (int (add $notice $request)) }}
{{- fail (printf "ingress.deregistrationDelaySeconds: %d ms is more than SHUTDOWN_NOTICE_MS + REQUEST_TIMEOUT_MS, %d ms: the load balancer would still send requests to a pod that has left" (int $deregistration) (int (add $notice $request))) }}
{{- end }}
{{- $keep := int (default 75 .Values.config.KEEP_ALIVE_SECS) }}
{{- if le $keep (int .Values.ingress.idleTimeoutSeconds) }}
{{- fail (printf "config.KEEP_ALIVE_SECS: %d must be more than ingress.idleTimeoutSeconds, %d: the load balancer would use connections that the service has closed" $keep (int .Values.ingress.idleTimeoutSeconds)) }}
{{- end }}
{{- end }}

{{- define "expense-backend.sizes" -}}
{{- if eq (int .Values.containerPorts.http) (int .Values.containerPorts.metrics) }}
{{- fail "containerPorts.metrics: must differ from containerPorts.http, or the ingress would publish the metrics" }}
{{- end }}
{{- if eq (int .Values.service.port) (int .Values.service.metricsPort) }}
{{- fail "service.metricsPort: must differ from service.port" }}
{{- end }}
{{- $scale := .Values.autoscaling }}
{{- if and $scale.enabled (gt (int $scale.minReplicas) (int $scale.maxReplicas)) }}
{{- fail (printf "autoscaling.maxReplicas: %d is less than autoscaling.minReplicas, %d" (int $scale.maxReplicas) (int $scale.minReplicas)) }}
{{- end }}
{{- $least := int (ternary $scale.minReplicas .Values.replicaCount $scale.enabled) }}
{{- if and .Values.podDisruptionBudget.enabled (gt $least 1) (ge (int .Values.podDisruptionBudget.minAvailable) $least) }}
{{- fail (printf "podDisruptionBudget.minAvailable: %d of %d replicas: no node could ever be drained" (int .Values.podDisruptionBudget.minAvailable) $least) }}
{{- end }}
{{- if and (kindIs "invalid" .Values.config.DB_POOL_MIN | not) (gt (int .Values.config.DB_POOL_MIN) (int (default 30 .Values.config.DB_POOL_MAX))) }}
{{- fail "config.DB_POOL_MIN: must not be more than config.DB_POOL_MAX" }}
{{- end }}
{{- if and .Values.ingress.trafficSplit.service (eq .Values.ingress.trafficSplit.service (include "expense-backend.fullname" .)) }}
{{- fail "ingress.trafficSplit.service: is this release's own Service; write the other release's" }}
{{- end }}
{{- end }}
