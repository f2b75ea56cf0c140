{{- define "expense-backend.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* 50 characters: room for the longest ending that an object's name gets. */}}
{{- define "expense-backend.fullname" -}}
{{- $name := include "expense-backend.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "expense-backend.serviceAccountName" -}}
{{- default (ternary (include "expense-backend.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name }}
{{- end }}

{{- define "expense-backend.migrationName" -}}
{{- printf "%s-migrate" (include "expense-backend.fullname" .) }}
{{- end }}

{{- define "expense-backend.migrationServiceAccountName" -}}
{{- $account := .Values.migration.serviceAccount }}
{{- default (ternary (include "expense-backend.migrationName" .) "default" $account.create) $account.name }}
{{- end }}

{{/* The digest wins: a tag can be moved. */}}
{{- define "expense-backend.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{/* Prometheus labels of ours go by these: the same on every object. Takes {context, component}. */}}
{{- define "expense-backend.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .context.Chart.Name .context.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "expense-backend.podLabels" . }}
app.kubernetes.io/managed-by: {{ .context.Release.Service }}
{{- end }}

{{/* Of pods: without the chart's version, which would restart them for nothing. */}}
{{- define "expense-backend.podLabels" -}}
{{ include "expense-backend.selectorLabels" . }}
app.kubernetes.io/version: {{ default .context.Chart.AppVersion .context.Values.image.tag | trunc 63 | trimSuffix "-" | trimSuffix "." | trimSuffix "_" | quote }}
app.kubernetes.io/part-of: expense
{{- end }}

{{/*
The one selector. The component keeps the pods of the migration and of the tests out of the Service, the budget and the
autoscaler.
*/}}
{{- define "expense-backend.selectorLabels" -}}
app.kubernetes.io/name: {{ include "expense-backend.name" .context }}
app.kubernetes.io/instance: {{ .context.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}
