{{/* Where the service and its migration may go: names, database, AWS. */}}
{{- define "expense-backend.egress" -}}
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
  ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
- to:
    {{- include "expense-backend.blocks" .Values.networkPolicy.dataCidrs | nindent 4 }}
  ports:
    - port: {{ .Values.database.port }}
      protocol: TCP
# Secrets Manager, STS; never the node's own credentials.
- to:
    {{- range .Values.networkPolicy.httpsCidrs }}
    - ipBlock:
        cidr: {{ . }}
        {{- if eq . "0.0.0.0/0" }}
        except:
          - 169.254.169.254/32
        {{- end }}
    {{- end }}
  ports:
    - port: 443
      protocol: TCP
# The Pod Identity agent of the node, which hands out the role.
- to:
    - ipBlock:
        cidr: 169.254.170.23/32
  ports:
    - port: 80
      protocol: TCP
{{- end }}

{{- define "expense-backend.blocks" -}}
{{- range . }}
- ipBlock:
    cidr: {{ . }}
{{- end }}
{{- end }}
