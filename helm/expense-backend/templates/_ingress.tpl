{{/* What the AWS load balancer controller reads. HTTP is only ever redirected. */}}
{{- define "expense-backend.albAnnotations" -}}
{{- $ingress := .Values.ingress -}}
alb.ingress.kubernetes.io/scheme: {{ $ingress.scheme }}
alb.ingress.kubernetes.io/target-type: ip
alb.ingress.kubernetes.io/listen-ports: '[{"HTTP": 80}, {"HTTPS": 443}]'
alb.ingress.kubernetes.io/ssl-redirect: "443"
alb.ingress.kubernetes.io/ssl-policy: {{ $ingress.sslPolicy }}
alb.ingress.kubernetes.io/backend-protocol: HTTP
alb.ingress.kubernetes.io/healthcheck-protocol: HTTP
alb.ingress.kubernetes.io/healthcheck-port: traffic-port
alb.ingress.kubernetes.io/healthcheck-path: /readyz
alb.ingress.kubernetes.io/healthcheck-interval-seconds: {{ $ingress.healthCheckIntervalSeconds | quote }}
alb.ingress.kubernetes.io/healthcheck-timeout-seconds: "3"
alb.ingress.kubernetes.io/healthy-threshold-count: "2"
alb.ingress.kubernetes.io/unhealthy-threshold-count: "2"
alb.ingress.kubernetes.io/success-codes: "200"
alb.ingress.kubernetes.io/load-balancer-attributes: idle_timeout.timeout_seconds={{ $ingress.idleTimeoutSeconds }},routing.http.drop_invalid_header_fields.enabled=true
alb.ingress.kubernetes.io/target-group-attributes: deregistration_delay.timeout_seconds={{ $ingress.deregistrationDelaySeconds }}
{{- with $ingress.certificateArn }}
alb.ingress.kubernetes.io/certificate-arn: {{ . }}
{{- end }}
{{- with $ingress.webAclArn }}
alb.ingress.kubernetes.io/wafv2-acl-arn: {{ . }}
{{- end }}
{{- with $ingress.securityGroupIds }}
alb.ingress.kubernetes.io/security-groups: {{ join "," . }}
# Terraform owns the rules of these groups, and those of the nodes that let them in.
alb.ingress.kubernetes.io/manage-backend-security-group-rules: "false"
{{- end }}
{{- end }}

{{/* A weighted forward to this release and another one. */}}
{{- define "expense-backend.splitAction" -}}
{{- $split := .Values.ingress.trafficSplit -}}
{{- $other := int $split.weight -}}
{{- $own := dict "serviceName" (include "expense-backend.fullname" .) "servicePort" (int .Values.service.port) "weight" (sub 100 $other) -}}
{{- $second := dict "serviceName" $split.service "servicePort" (int $split.port) "weight" $other -}}
{{- dict "type" "forward" "forwardConfig" (dict "targetGroups" (list $own $second)) | toJson -}}
{{- end }}
