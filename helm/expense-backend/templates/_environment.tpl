{{/* A number that Helm read as a float (1e+06) as the service reads it. */}}
{{- define "expense-backend.word" -}}
{{- if and (kindIs "float64" .) (eq (float64 (int64 .)) .) }}
{{- int64 . }}
{{- else }}
{{- toString . }}
{{- end }}
{{- end }}

{{/* The service's variables, none of them secret. */}}
{{- define "expense-backend.variables" -}}
ENVIRONMENT: {{ .Values.environment }}
HOST: 0.0.0.0
PORT: {{ .Values.containerPorts.http | quote }}
METRICS_PORT: {{ .Values.containerPorts.metrics | quote }}
AWS_REGION: {{ .Values.aws.region }}
{{- with .Values.database.host }}
DB_HOST: {{ . | quote }}
{{- end }}
DB_PORT: {{ .Values.database.port | quote }}
DB_DATABASE: {{ .Values.database.name | quote }}
{{- with .Values.redis.host }}
REDIS_HOST: {{ . | quote }}
{{- end }}
REDIS_PORT: {{ .Values.redis.port | quote }}
{{- if not .Values.secrets.existingSecret }}
{{- with .Values.secrets.databaseSecretId }}
DB_SECRET_ID: {{ . | quote }}
{{- end }}
{{- with .Values.secrets.redisSecretId }}
REDIS_SECRET_ID: {{ . | quote }}
{{- end }}
{{- with .Values.secrets.apiKeysSecretId }}
API_KEYS_SECRET_ID: {{ . | quote }}
{{- end }}
{{- end }}
{{- range $name, $value := .Values.config }}
{{- if not (kindIs "invalid" $value) }}
{{ $name }}: {{ include "expense-backend.word" $value | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/*
The migration's variables: the database and nothing else. The program reads its whole configuration; production wants
words on callers, proxies and cache, though the Job serves nobody.
*/}}
{{- define "expense-backend.migrationVariables" -}}
{{- $all := include "expense-backend.variables" . | fromYaml }}
{{- $own := dict "AUTH_MODE" "none" "TRUSTED_PROXY_HOPS" "0" "CACHE_MODE" "off" }}
{{- range $name := list "AWS_REGION" "DB_DATABASE" "DB_HOST" "DB_PORT" "DB_TLS" "ENVIRONMENT" "LOG_FORMAT" "LOG_LEVEL" "STARTUP_TIMEOUT_SECS" }}
{{- with get $all $name }}
{{- $_ := set $own $name . }}
{{- end }}
{{- end }}
{{- if not .Values.secrets.existingMigrationSecret }}
{{- $_ := set $own "DB_MIGRATION_SECRET_ID" .Values.secrets.migrationSecretId }}
{{- end }}
{{- range $index, $name := keys $own | sortAlpha }}
{{- if $index }}
{{ end -}}
- name: {{ $name }}
  value: {{ get $own $name | quote }}
{{- end }}
{{- with .Values.secrets.existingMigrationSecret }}
{{- include "expense-backend.secretVariable" (dict "secret" . "name" "DB_USER") }}
{{- include "expense-backend.secretVariable" (dict "secret" . "name" "DB_PWD") }}
{{- end }}
{{- end }}

{{/* One key of an existing Secret, named as the variable is. */}}
{{- define "expense-backend.secretVariable" }}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .name }}
      {{- if .optional }}
      optional: true
      {{- end }}
{{- end }}

{{/* What the `restricted` Pod Security level asks of a pod, and of a container. */}}
{{- define "expense-backend.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "expense-backend.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop:
    - ALL
{{- end }}
