### Lo que dice Refit, en español. Véase `en.ftl`: los mensajes y sus argumentos son los mismos, y una prueba lo comprueba.

## Palabras dentro de las frases

mode-complete = completo
mode-incremental = incremental
mode-quick = rápido

## Por qué un entrenamiento incremental pasa a ser completo

from-scratch-no-live = no hay ninguna versión activa de la que partir
from-scratch-other-shape = la versión activa no corresponde a las entradas o está construida de otra forma
from-scratch-revised = se han corregido filas de las que aprendió la versión activa
from-scratch-forgotten = no olvidaría filas que se han borrado o cambiado

## Lo que pide un entrenamiento

reason-no-model = No hay ninguna versión activa.
reason-too-old = { $version } se entrenó el { $trained }, hace { NUMBER($age, decimals: 1) } días: a partir de { $limit } días corresponde un entrenamiento { $mode }.
reason-new-samples = { $rows ->
    [one] { $rows } fila nueva
   *[other] { $rows } filas nuevas
} desde el { $since } ({ $version } recibió { $given }){ $tried ->
    [none] {""}
   *[other] , { $untried } de ellas desde que se entrenó { $tried }
}; { $asks ->
    [consider] a partir de { $from } puede valer la pena, a partir de { $next } se recomienda
    [enough] { $from ->
        [one] basta { $from }
       *[other] bastan { $from }
    }
    [recommended] a partir de { $from } se recomienda
   *[necessary] a partir de { $from } es necesario
}.
reason-schema-changed = Las entradas no son aquellas con las que se ajustó { $version }.
reason-data-revised = Se han corregido filas hasta el { $through } que { $version } había recibido.
reason-rows-forgotten = { $rows ->
    [one] Desde entonces se ha borrado o cambiado { $rows } fila
   *[other] Desde entonces se han borrado o cambiado { $rows } filas
} que { $version } había recibido: solo un entrenamiento completo las olvida.
reason-max-increments = { $version } se apoya en { $increments ->
    [one] { $increments } entrenamiento incremental
   *[other] { $increments } entrenamientos incrementales
}; después de { $limit } toca uno completo.
reason-low-reliability = La fiabilidad de { $version } es { NUMBER($reliability, decimals: 2) }, inferior a { $limit }: con filas nuevas no basta para remediarlo.
reason-degraded = Respecto a su referencia, la pérdida de { $version } es un { PERCENT($rise, decimals: 0) } % mayor en las { $window } filas más recientes que cuando fue promovida.
reason-drift = { $columns ->
    [one] Ha cambiado { $columns } de las { $of } entradas
   *[other] Han cambiado { $columns } de las { $of } entradas
}: en las { $rows } filas que han llegado desde entonces, { $aspect ->
    [missing] la proporción de valores ausentes de { $column } difiere
   *[values] la proporción de algunos valores de { $column } difiere
} en { PERCENT($distance, decimals: 0) } puntos porcentuales de la que había en el entrenamiento de { $version }; hasta { PERCENT($threshold, decimals: 0) } no se consideraría un cambio.
reason-regret = { $version } ha perdido { NUMBER($regret, most: 3) } veces la pérdida de su referencia en una fila más de lo que cabía esperar: más de lo que valen los { NUMBER($seconds, most: 3) } segundos que probablemente dure un entrenamiento ({ NUMBER($per_second, most: 3) } cada uno).
reason-forced = Solicitado de manera forzada; ninguna regla lo pide.

## Lo que lo impide por ahora

hold-paused = Está en pausa desde el { $since }{ $reason ->
    [none] {""}
   *[other] {" "}({ $reason })
}, hasta que alguien lo reanude.
hold-data-quality = Los datos son defectuosos y no se entrena con ellos: { $problem }
hold-failed = El mismo entrenamiento { $mode } con estas filas ha fallado: { SENTENCE($failure) } Lo que puede funcionar: { $instead ->
    [complete] un entrenamiento completo (--mode complete), otras filas
    [columns] otras filas, otras columnas
   *[rows] otras filas
} u otros hiperparámetros.
hold-too-few-rows = { $rows ->
    [one] { $rows } fila
   *[other] { $rows } filas
}{ $newest ->
    [none] {""}
   *[other] , la más reciente del { $newest }
}; hacen falta { $needed } para entrenar y evaluar.
hold-hindsight = Cuentan las filas hasta el { $through }, y { $version } recibió filas hasta el { $given }: ya ha visto las que servirían para evaluar. El entrenamiento debe referirse a un día posterior.
hold-nothing-new = Lo nuevo para { $version } no basta para aprender: hay { $rows } filas y recibió { $given }; algunas filas solo sirven para evaluar. Un entrenamiento incremental debe esperar a que lleguen más filas{ $complete ->
    [yes] ; uno completo funciona (--mode complete)
   *[no] {""}
}.
hold-active-training = El trabajo { $job } ya está entrenando este modelo.
hold-cool-down = El último entrenamiento fue { $later ->
    [yes] posterior a este día
   *[no] hace { NUMBER($age, decimals: 1) } días
}, el { $last }; el siguiente puede hacerse { $days ->
    [one] { $days } día
   *[other] { $days } días
} después.
hold-back-off = Rechazado { $rejections ->
    [1] una vez
    [2] dos veces
   *[other] { $rejections } veces
}, la última el { $last }: antes deben pasar { $days } días y llegar { $needed } filas que ninguna evaluación haya visto ({ $rows } hasta ahora).
hold-waiting = { $version } espera { $missing ->
    [one] { $missing } fila más
   *[other] { $missing } filas más
} para ser evaluada ({ $rows } de { $needed } hasta ahora): se entrenó con todas las demás.
hold-rolled-back = Se volvió atrás desde { $from } el { $day } ({ $reason }): deben contradecirlo { $needed } filas llegadas desde entonces ({ $rows } hasta ahora), o alguien que promueva una versión.
hold-exhausted = { $completes } entrenamientos completos seguidos sin mejora sobre la referencia, el último el { $last }: se vuelve a intentar tras { $days } días y { $needed } filas nuevas ({ $rows } hasta ahora).
hold-column-emptied = De las { $rows } filas que han llegado, a { PERCENT($share, decimals: 0) } puntos porcentuales más les falta { $column } que cuando se entrenó la versión activa: repare su origen, o quite la columna del esquema del modelo.
hold-crowd = { $models ->
    [one] Hoy ha empeorado { $models } modelo
   *[other] Hoy han empeorado { $models } modelos
}: eso dice más de los datos o del mundo que de este; los que más han empeorado se entrenan primero.
hold-outside-hours = Se entrena de { $from } a { $to } ({ $zone }): `train_between` de su política.

## Lo que se dice además

remark-becomes-complete = { $asked ->
    [yes] Se pidió un entrenamiento incremental
   *[no] Bastaría un entrenamiento incremental
}, pero { $because }: pasa a ser completo.
remark-mode-as-asked = El modo es { $mode }, como se pidió; los motivos piden { $chosen }.
remark-not-by-itself = auto_retrain está desactivado: Refit solo lo encola cuando se le pide.
remark-when-asked = Se hace cuando alguien lo pide; a partir de { $from } filas nuevas, por sí solo.
remark-by-force = De manera forzada, a pesar de { $holds }.
remark-holds-end = { $end ->
    [none] { $asked ->
        [yes] Nada lo impide cuando hayan terminado todos los impedimentos
       *[no] Se pone en marcha cuando hayan terminado todos los impedimentos
    }
   *[other] { $asked ->
        [yes] Nada lo impide después del { MOMENT($end) }
       *[no] Se pone en marcha el { MOMENT($end) }
    }
}{ $force ->
    [works] , o de inmediato con --force
    [repeats] ; --force repetiría lo que ha fallado
   *[useless] {""}
}.
remark-regret-would-change-it = Lo que lo cambiaría: más pérdida evitable (ahora { NUMBER($regret, most: 3) }; más de { NUMBER($needed, most: 3) } valdría los { NUMBER($seconds, most: 3) } segundos que probablemente dure un entrenamiento), o la edad de { $version } después del { $ages }.
remark-what-would-change-it = Lo que lo cambiaría: { $missing ->
    [0] más filas nuevas (las más recientes solo sirven para evaluar: de las { $rows } que hay, de ninguna se puede aprender todavía)
    [one] { $missing } fila nueva más ({ $rows } de { $needed } hasta ahora)
   *[other] { $missing } filas nuevas más ({ $rows } de { $needed } hasta ahora)
}, la edad de { $version } después del { $ages }, o una fiabilidad inferior a { $limit } ({ $reliability ->
    [none] aún desconocida
   *[other] ahora { NUMBER($reliability, decimals: 2) }
}).

## Con quién se compara una versión, y sobre qué

against-champion = la versión activa
against-baseline = la referencia ingenua más difícil
against-universal = el modelo universal
unit-dates = filas
unit-users = usuarios
unit-texts = textos
unit-records = registros

## En qué estado está una versión

status-judging = en evaluación
status-live = activa
status-retired = retirada
status-rejected = rechazada
status-waiting = en espera
status-superseded = reemplazada
status-reproduction = reproducción

## Lo que dice una evaluación

finding-not-finite = Rechazada: algunas de sus cifras o predicciones no son finitas.
finding-constant = Rechazada: predice lo mismo se le muestre lo que se le muestre.
finding-slice-below-floor = Rechazada: las { $rows } filas de { $slice } quedan peor atendidas que con la referencia: su pérdida es { NUMBER($loss, decimals: 4) }, la de la referencia { NUMBER($baseline_loss, decimals: 4) }.
finding-better = Mejor que { $against }, con una confianza del { PERCENT($confidence, most: 2) } %.
finding-not-worse = No es peor que { $against }: con una confianza del { PERCENT($confidence, most: 2) } %, su pérdida { $higher ->
    [yes] es como mucho un { PERCENT($bound, most: 2) } % mayor
   *[no] no es mayor
}, y se permite hasta un { PERCENT($margin, most: 2) } % más.{ $gain_below ->
    [none] {""}
   *[other] {" "}Lo que gana es menos del { PERCENT($gain_below, most: 2) } % de la pérdida, lo que no cuenta como mejora.
}
finding-not-worse-but-changed = No es peor que { $against }, pero con otros hiperparámetros hay que demostrar que es mejor: queda en espera.{ $gain_below ->
    [none] {""}
   *[other] {" "}Lo que gana es menos del { PERCENT($gain_below, most: 2) } % de la pérdida, lo que no cuenta como mejora.
}
finding-worse = Peor que { $against }, con una confianza del { PERCENT($confidence, most: 2) } %.
finding-too-few = No hay suficientes { $unit } para compararla con { $against }: { $rows } de { $needed }.
finding-first = Es una primera versión y no se ha demostrado que sea peor que { $against }: la distingue su fiabilidad.
finding-undecided-refresh = No es seguro que sea peor que { $against } ni que esté dentro del { PERCENT($margin, most: 2) } %: decidirán más filas.
finding-undecided = No es seguro que sea mejor ni peor que { $against }: decidirán más filas.
finding-difference = Pérdida en comparación con { $against } sobre { $rows } { $unit }: { PERCENT($difference, decimals: 2, sign: "always") } % (intervalo del { PERCENT($confidence, most: 2) } %: de { PERCENT($low, decimals: 2, sign: "always") } a { PERCENT($high, decimals: 2, sign: "always") } %).
finding-nothing-in-common = No hay filas sobre las que compararla con { $against }.
finding-earlier-looks = Estas filas ya se han examinado { $looks ->
    [1] una vez
   *[other] { $looks } veces
}, así que se exige más.

## Dos versiones, una al lado de la otra

compared-better = { $version } es mejor que { $reference }, con una confianza del { PERCENT($confidence, most: 2) } %: su pérdida varía un { PERCENT($difference, decimals: 2, sign: "always") } % (intervalo del { PERCENT($confidence, most: 2) } %: de { PERCENT($low, decimals: 2, sign: "always") } a { PERCENT($high, decimals: 2, sign: "always") } %) sobre { $rows } filas en común.
compared-worse = { $version } es peor que { $reference }, con una confianza del { PERCENT($confidence, most: 2) } %: su pérdida varía un { PERCENT($difference, decimals: 2, sign: "always") } % (intervalo del { PERCENT($confidence, most: 2) } %: de { PERCENT($low, decimals: 2, sign: "always") } a { PERCENT($high, decimals: 2, sign: "always") } %) sobre { $rows } filas en común.
compared-not-worse = { $version } no es peor que { $reference } en más de un { PERCENT($margin, most: 2) } %: su pérdida varía un { PERCENT($difference, decimals: 2, sign: "always") } % (intervalo del { PERCENT($confidence, most: 2) } %: de { PERCENT($low, decimals: 2, sign: "always") } a { PERCENT($high, decimals: 2, sign: "always") } %) sobre { $rows } filas en común.{ $gain_below ->
    [none] {""}
   *[other] {" "}Lo que gana es menos del { PERCENT($gain_below, most: 2) } % de la pérdida, lo que no cuenta como mejora.
}
compared-too-few = { $rows ->
    [one] { $rows } fila en común no basta
   *[other] { $rows } filas en común no bastan
} para distinguir { $version } de { $reference }, pues hacen falta { $needed }: su pérdida varía un { PERCENT($difference, decimals: 2, sign: "always") } % (intervalo del { PERCENT($confidence, most: 2) } %: de { PERCENT($low, decimals: 2, sign: "always") } a { PERCENT($high, decimals: 2, sign: "always") } %).
compared-undecided = No es seguro que { $version } sea mejor ni peor que { $reference }: su pérdida varía un { PERCENT($difference, decimals: 2, sign: "always") } % (intervalo del { PERCENT($confidence, most: 2) } %: de { PERCENT($low, decimals: 2, sign: "always") } a { PERCENT($high, decimals: 2, sign: "always") } %) sobre { $rows } filas en común.

## Por qué se ha cambiado la versión activa

ledger-judged = { $finding }
ledger-by-hand = a mano
ledger-said = { $reason }
ledger-does-worse = { $version } rinde peor que { $than } en las { $rows } filas que han llegado: su pérdida es un { PERCENT($difference, decimals: 1) } % mayor, al menos un { PERCENT($low, decimals: 1) } % con una confianza del { PERCENT($confidence, most: 2) } % para todos los exámenes en conjunto
ledger-restored = restaurada desde el respaldo { $backup }
ledger-recorded = { $text }

## Lo que alguien debería saber

condition-unknown = desconocido
condition-well = bueno
condition-degraded = degradado
condition-alarming = alarmante

alert-degraded = El estado de { $model } { $version } es { $condition }: respecto a su referencia, su pérdida es un { $rise ->
    [none] NaN
   *[other] { PERCENT($rise, decimals: 0) }
} % mayor en las { $window } filas más recientes que cuando fue promovida
alert-rolled-back = { $model } { $to } vuelve a estar activa: { $version } rinde peor que { $than } en las { $rows } filas que han llegado: su pérdida es un { PERCENT($difference, decimals: 1) } % mayor, al menos un { PERCENT($low, decimals: 1) } % con una confianza del { PERCENT($confidence, most: 2) } % para todos los exámenes en conjunto
alert-drift = las filas que llegan para { $model } no se parecen a aquellas con las que se entrenó { $version }: { $columns ->
    [one] { $columns } de { $of } columnas difiere
   *[other] { $columns } de { $of } columnas difieren
} en { $rows } filas, sobre todo { $column } ({ PERCENT($distance, decimals: 0) } puntos porcentuales; hasta { PERCENT($threshold, decimals: 0) } no sería deriva)
alert-worse-than-baseline = Es probable que { $model } { $version } rinda peor que su referencia: la probabilidad de que rinda mejor es del { PERCENT($reliability, decimals: 0) } %
alert-over-age = { $model } { $version } se entrenó hace { NUMBER($age, decimals: 0) } días: a los { NUMBER($limit, most: 1) } debió entrenarse de nuevo
alert-retraining-due = { $model } debería entrenarse{ $mode ->
    [none] {""}
   *[other] {" "}({ $mode })
}, y Refit no puede hacerlo por sí mismo: `refit retrain { $model }` lo hace
alert-data-quality = las filas de { $model } no se pueden usar: { $problem }
alert-source-silent = la fila más reciente de { $model } es del { $newest }, de hace { $days } días: más de { NUMBER($limit, most: 1) } son demasiados
alert-trainings-fail = { $failures } entrenamientos de { $model } han fallado, uno tras otro; el último: { $message }
alert-schedule-failed = la última ejecución de la programación { $schedule } ({ $task }) ha fallado: `refit schedules history { $schedule }` dice por qué
alert-schedule-missed = la última ejecución de la programación { $schedule } se perdió, pues no había ningún coordinador en marcha: `refit schedules run { $schedule }` la recupera
alert-backup-failed = la última copia de seguridad de la programación { $schedule } ha fallado, o parte de ella: `refit schedules history { $schedule }` dice por qué
alert-no-worker = no hay ningún trabajador vivo en el grupo { $pool }, y allí { $jobs ->
    [1] espera 1 trabajo
   *[other] esperan { $jobs } trabajos
}: `refit-worker run --pools { $pool }` inicia uno
alert-backlog-old = el primer trabajo del grupo { $pool } ha esperado { NUMBER($seconds, decimals: 0) } s, más de { NUMBER($limit, decimals: 0) }; allí esperan { $jobs }: más trabajadores ayudarían
alert-nothing-moves = { $jobs ->
    [1] 1 trabajo está parado
   *[other] { $jobs } trabajos están parados
}, el que más desde hace { NUMBER($seconds, decimals: 0) } s: { $message }
alert-service-trouble = el servicio { $service } no hace su trabajo: { $message }
alert-disk-low = el disco de { $place } está casi lleno: quedan libres { BYTES($free) }, el { PERCENT($share, decimals: 1) } %
alert-task-fails = la tarea { $task } del coordinador falla una y otra vez: { $message }
alert-channel-fails = no se puede llegar al canal { $channel }, y { $messages ->
    [1] 1 mensaje espera
   *[other] { $messages } mensajes esperan
}: { $message }

## Lo que se dice a un canal

notice-raised = Refit, { $level }: { $topic }{ $count ->
    [1] { $about ->
        [none] {""}
       *[other] {" "}({ $about })
    }
   *[other] {" "}({ $count })
}
notice-escalated = Refit, ahora { $level }: { $topic }{ $count ->
    [1] { $about ->
        [none] {""}
       *[other] {" "}({ $about })
    }
   *[other] {" "}({ $count })
}
notice-resolved = Refit, resuelto: { $topic }{ $count ->
    [1] { $about ->
        [none] {""}
       *[other] {" "}({ $about })
    }
   *[other] {" "}({ $count })
}
notice-trained = Refit: { $count ->
    [1] ha terminado un entrenamiento
   *[other] han terminado { $count } entrenamientos
}
notice-digest = Refit: { $count ->
    [1] una novedad
   *[other] { $count } novedades
} desde el último resumen
notice-handed-on = Refit: { $count } alertas, tal como están
notice-report = Refit: { $about }
notice-test = Refit: este canal funciona
told-others = y { $count } más: `refit alerts` los muestra

trained-promoted = { $model } { $version } ({ $mode }) está activa{ $before ->
    [none] {""}
   *[other] {" "}en lugar de { $before }
}: su { $loss } es { $loss_after ->
    [none] desconocido
   *[other] { NUMBER($loss_after, most: 5) }
}{ $loss_before ->
    [none] {""}
   *[other] , antes { NUMBER($loss_before, most: 5) }
}; entrenada en { NUMBER($seconds, most: 3) } s
trained-not-promoted = { $model } { $version } ({ $mode }) no está activa{ $before ->
    [none] {""}
   *[other] , sigue { $before }
}: su { $loss } es { $loss_after ->
    [none] desconocido
   *[other] { NUMBER($loss_after, most: 5) }
}{ $loss_before ->
    [none] {""}
   *[other] , antes { NUMBER($loss_before, most: 5) }
}; entrenada en { NUMBER($seconds, most: 3) } s
trained-failed = ha fallado un entrenamiento de { $model }: { $message }

severity-info = información
severity-warning = aviso
severity-critical = crítico
topic-degraded = un modelo rinde peor que al ser promovido
topic-rolled-back = se ha retirado una versión
topic-drift = las entradas han cambiado
topic-worse-than-baseline = es probable que un modelo rinda peor que su referencia
topic-over-age = un modelo es demasiado viejo
topic-retraining-due = hace falta un entrenamiento
topic-data-quality = hay filas que no se pueden usar
topic-source-silent = no llegan filas nuevas
topic-trainings-fail = fallan los entrenamientos
topic-schedule-failed = ha fallado una programación
topic-schedule-missed = se ha perdido una programación
topic-backup-failed = ha fallado una copia de seguridad
topic-no-worker = ningún trabajador en un grupo
topic-backlog-old = hay trabajos que esperan mucho
topic-nothing-moves = hay trabajos parados
topic-service-trouble = un servicio no funciona
topic-disk-low = un disco está casi lleno
topic-task-fails = falla una tarea del coordinador
topic-channel-fails = no se puede llegar a un canal

## Por qué un trabajo está como está

job-complete-instead = completo en lugar de incremental: { $because }
job-made-anew = rehecho: mientras esperaba se cambió lo que lee su modelo, o sus hiperparámetros
job-tried = pérdida en las filas de validación: { NUMBER($loss, most: 6) }
job-pool-drained = el grupo { $pool } se está vaciando
job-makes-room = deja sitio al trabajo { $job } ({ $model ->
    [none] {""}
   *[other] { $model }
}), más urgente por { $points } puntos
job-attempt-ended = el intento { $number } terminó por { $class }: { $message }
job-unusable = { $message }
job-turned-down = un trabajador lo ha rechazado: { $message }
job-cancelled = alguien lo canceló
job-cancelled-too-late = alguien lo canceló, pero su resultado ya estaba sellado: { $version } queda registrada y no se promueve
job-done = hecho
job-scores = evalúa { $models ->
    [one] { $models } versión activa
   *[other] { $models } versiones activas
} con lo que ha llegado: { $first }{ $more ->
    [yes] , …
   *[no] {""}
}
job-scored = se han evaluado { $rows } filas de { $models ->
    [one] { $models } modelo
   *[other] { $models } modelos
}{ $unscored ->
    [none] {""}
   *[other] ; { $unscored }
}{ $alerts ->
    [none] {""}
   *[other] ; { $alerts }
}
job-live = { $version } está activa: { $finding }
job-rejected = { $version } fue rechazada: { $finding }
job-waits = { $version } espera más filas: { $finding }
job-nothing-to-judge = { $version } ya está { $status }: no hay nada que evaluar
job-superseded = { $version } queda registrada y no se promueve: desde que se pidió, { $model } debe leer otra cosa; `refit promote { $model } { $version }` la activa de todos modos
job-scored-again = la versión activa cambió entretanto: el trabajo { $job } vuelve a evaluar { $version }, frente a la nueva
job-nothing-comes = no resulta nada de él: { $lost }
job-cannot-be-judged = { $version } queda registrada y no se puede evaluar: { $lost }
job-repeated = los pesos son los de { $of } bit a bit{ $original ->
    [whole_again] : { $of } vuelve a estar completa
    [lacks] , pero su { $file } es otro: { $of } se queda sin sus archivos
   *[whole] {""}
}
job-differs = los pesos difieren de los de { $of }{ $libraries ->
    [none] {""}
   *[other] {" "}({ $libraries })
}; el valor medio de { $figure } difiere en { NUMBER($difference, decimals: 6, sign: "always") }
job-known-from-backup = conocido por el respaldo { $backup } de { $version }
job-recorded = { $text }

model-not-scored = { $model } no se pudo evaluar: { $error }

library-changed = { $name } era { $was } y ahora es { $is }
library-absent = { $name } era { $was } y ya no está

## Lo que espera un trabajo, o quién lo tiene

standing-held-up = detenido; se volverá a examinar pronto: { $trouble }
standing-cancelling = se está cancelando
standing-model-paused = su modelo está en pausa desde el { MINUTE($since) }{ $said ->
    [none] {""}
   *[other] {" "}({ $said })
}
standing-pool-paused = el grupo { $pool } está en pausa desde el { MINUTE($since) }{ $said ->
    [none] {""}
   *[other] {" "}({ $said })
}
standing-pool-drained = el grupo { $pool } se está vaciando desde el { MINUTE($since) }{ $said ->
    [none] {""}
   *[other] {" "}({ $said })
}
standing-no-such-worker = { $because }
standing-no-worker = espera: no hay ningún trabajador vivo en el grupo { $pool }
standing-no-device = espera: ningún trabajador vivo del grupo { $pool } tiene { $needs }
standing-tried-again = se vuelve a intentar el { MOMENT($at) }
standing-not-frozen = sus filas aún no están congeladas
standing-stand-in = espera { $slots ->
    [one] la única plaza
   *[other] una de las { $slots } plazas
} del grupo { $place }, pues no hay ningún trabajador vivo en el grupo { $pool }
standing-in-line = puesto { $position } de la cola para { $slots ->
    [one] { $slots } plaza
   *[other] { $slots } plazas
} del grupo { $pool }
standing-far-back = más allá del puesto { $places } de la cola del grupo { $pool }
standing-unheard = está anunciado, y espera: no hay ningún trabajador vivo en el grupo { $pool }
standing-dispatched = está anunciado; lo tomará un trabajador del grupo { $pool }
standing-held = lo tiene el trabajador { $worker }{ $place ->
    [none] {""}
   *[other] {" "}en el grupo { $place }, pues no hay ningún trabajador vivo en el grupo { $pool }
}{ $yielding ->
    [yes] , al que se le ha pedido que lo devuelva
   *[no] {""}
}{ $refused ->
    [none] {""}
   *[other] ; su resultado espera al almacén: { $refused }
}
standing-judging = su resultado está registrado y se está evaluando

next-resume-model = `refit resume { $model }` lo deja continuar
next-resume-pool = `refit pool resume { $pool }` lo deja continuar
next-list-pools = `refit pool list` muestra lo que ofrece cada grupo
next-list-devices = `refit-worker devices`, en la máquina de un trabajador, dice qué tiene y por qué no más
next-start-worker = `refit-worker run --pools { $pool }` inicia uno

## En qué queda una decisión

action-retrain = reentrenar ({ $mode })
action-retrain-when-asked = reentrenar ({ $mode }) cuando se pida
action-wait-for-training = esperar: se está entrenando
action-wait = esperar ({ $holds }) y después reentrenar ({ $mode })
action-nothing = nada

## Por qué un artículo es para un usuario

item-popular = popular: { $users ->
    [one] lo ha valorado { $users } usuario
   *[other] lo han valorado { $users } usuarios
}
item-rated-too = muchos de quienes valoraron { $one }{ $other ->
    [none] {""}
   *[other] {" "}y { $other }
} también lo valoraron

## Qué modelo se quiere decir cuando no se nombra ninguno

family-forecaster = de pronóstico
family-recommender = de recomendación
family-text = de texto
family-tabular = de registros

unmeant-no-model = no hay ningún modelo { $family }
unmeant-several = hay varios modelos { $family }: indique cuál con { $setting }
unmeant-of-another-family = { $setting } nombra { $model }, que no es un modelo { $family }

## Lo que se responde a quien pide algo

state-queued = en cola
state-dispatched = anunciado
state-running = en ejecución
state-judging = en evaluación
state-completed = completado
state-failed = fallido
state-cancelled = cancelado

answer-already-training = su trabajo está { $state }{ $held ->
    [none] {""}
   *[other] , y retenido: { $held }
}
answer-resume-first = Reanúdelo primero: `refit resume { $model }`
answer-no-such-model = no existe ese modelo{ $category ->
    [none] {""}
   *[other] {" "}en la categoría { $category }
}
answer-cancelled = cancelado
answer-cancelled-and-stopping = cancelado; se ha indicado a su trabajador que pare
answer-being-cancelled = se está cancelando: el almacén no responde ahora, y antes tiene que confirmar que no hay ningún resultado sellado
answer-too-late-to-cancel = demasiado tarde: su resultado ya estaba sellado; queda registrado y no se promoverá

## Los términos de una puntuación

term-priority-given = prioridad indicada
term-category = categoría { $category }
term-no-live-version = sin versión activa
term-outdated = versión activa anticuada
term-reliable = actual y fiable ({ NUMBER($reliability, decimals: 2) })
term-unreliable = poco fiable ({ NUMBER($reliability, decimals: 2) })
term-good-quality = de buena calidad ({ NUMBER($reliability, decimals: 2) })
term-already-training = ya en entrenamiento o programado
term-position = posición { $position }
term-floor = mínimo
term-waiting = espera
term-probe = sonda
term-monitor = monitoreo
term-trial = prueba de hiperparámetros
term-reproduction = reproducción
term-batch-prediction = predicción por lotes

## Por qué ningún trabajador podrá ejecutar algo nunca

needs = { $device ->
    [none] { $memory ->
        [none] un dispositivo
       *[other] { BYTES($memory) } de memoria
    }
   *[other] un dispositivo { $device }{ $memory ->
        [none] {""}
       *[other] {" "}y { BYTES($memory) } de memoria
    }
}
never-no-such-pool = ningún trabajador podrá ejecutarlo nunca: el grupo { $pool } no está en la configuración y ningún trabajador vivo lo atiende; existen { $pools }
never-none-has-it = ningún trabajador podrá ejecutarlo nunca: en el grupo { $pool } ninguno tiene { $needs }
never-not-offered = ningún trabajador podrá ejecutarlo nunca: necesita { $needs }, y el grupo { $pool } ofrece { $offered }
never-not-there = ningún trabajador podrá ejecutarlo nunca: necesita { $needs }, y ningún trabajador vivo del grupo { $pool } lo tiene; si puede llegar uno, nómbrelo en coordinator.pools, por ejemplo { $pool }=cuda:24GiB
never-on-the-processor = un modelo { $family } se calcula solo en el procesador, en cualquier grupo: omita el dispositivo o pida cpu

## Cómo falla un intento

failure-data = datos defectuosos
failure-damaged = daños
failure-code = un error del programa
failure-crash = una caída del proceso
failure-out-of-memory = falta de memoria
failure-timeout = exceso de tiempo
failure-stall = estancamiento
failure-lost = pérdida del trabajador
failure-released = devolución
failure-cancelled = cancelación

## Cuándo toca una programación

weekday-monday = los lunes
weekday-tuesday = los martes
weekday-wednesday = los miércoles
weekday-thursday = los jueves
weekday-friday = los viernes
weekday-saturday = los sábados
weekday-sunday = los domingos
when-once = una vez, { $at } ({ $zone })
when-every = { $hours ->
    [none] { $minutes ->
        [1] cada minuto
       *[other] cada { $minutes } minutos
    }
    [1] cada hora
   *[other] cada { $hours } horas
}
when-daily = cada día a las { $time } ({ $zone })
when-weekly = { $weekday } a las { $time } ({ $zone })
when-monthly = cada mes, el día { $day } a las { $time } ({ $zone })
when-cron = cron { $expression } ({ $zone })

## En qué ha quedado la ejecución de una programación

run-checked = Modelos examinados: { $models }. Trabajos que puntúan lo activo: { $scoring }; pendientes de reentrenar: { $due }; entrenamientos puestos en la cola: { $enqueued }.
run-decided = Modelos evaluados: { $models }. Pendientes de reentrenar: { $due }; retenidos: { $held }.
run-requested = Entrenamientos pedidos: { $requested } nuevos, { $already } ya en curso, { $skipped } no necesarios por ahora, { $refused } rechazados{ $refusal ->
    [none] .
   *[other] : { $refusal }
}
run-trained = Entrenamientos: { $trainings }. Versiones activadas: { $promoted }; no activadas: { $not_promoted }; fallidos: { $failed }; cancelados: { $cancelled }. Modelos que no lo necesitaban: { $skipped }; rechazados: { $refused }{ $refusal ->
    [none] .
   *[other] : { $refusal }
}
run-backed-up = Versiones activas copiadas: { $backed_up }; sin poder copiar: { $failed }; modelos sin versión activa: { $without }.
run-cleaned = Objetos eliminados: { $objects } ({ BYTES($bytes) }).
run-reported = Hecho: { $report }; enviado a canales: { $channels }.
run-no-models = No hay ningún modelo al que se refiera.
run-missed = Tocaba mientras no había ningún coordinador en marcha; { $made_up ->
    [yes] una ejecución posterior la recupera
   *[no] nada la recupera
}{ $before ->
    [0] .
   *[other] , y lo mismo { $before } anteriores.
}
run-failed = Ha fallado tras { $tries } intentos: { $message }

## Qué ha salido de una búsqueda de hiperparámetros

search-challenging = La prueba { $trial } tiene la menor pérdida en las filas de validación, { NUMBER($loss, most: 6) } (lo que tiene el modelo: { NUMBER($own, most: 6) }); se entrena y se juzga con filas que ninguna prueba ha visto.
search-waits = { $version }, entrenada como la prueba { $trial }, espera más filas para ser juzgada; si entonces se activa, el modelo se entrenará así a partir de ese momento.
search-adopted = { $version }, entrenada como la prueba { $trial }, está activa: el modelo se entrena así a partir de ahora.
search-not-better = { $version }, entrenada como la prueba { $trial }, no se ha activado: en filas que ninguna prueba había visto no se muestra mejor.
search-nothing-better = Ninguna de { $trials } pruebas supera lo que tiene el modelo (pérdida en las filas de validación: { NUMBER($own, most: 6) }).
search-own-unmeasured = Lo que tiene el modelo no se ha podido medir, así que no hay con qué comparar{ $reason ->
    [none] .
   *[other] : { $reason }
}
search-no-rows = No hay filas con las que probar: { $reason }
search-unmeasured = Ninguna de { $trials } pruebas se ha podido medir{ $reason ->
    [none] .
   *[other] : { $reason }
}
search-refused = No se puede entrenar lo que tiene la prueba { $trial }: { $reason }
search-untrained = El entrenamiento de lo que tiene la prueba { $trial } no ha llegado a nada: { $state }.
search-overtaken = Se ha indicado al modelo que lea otras filas: lo probado no dice nada de ellas.
search-cancelled = Alguien la ha cancelado; `refit tune resume` sigue desde donde está.

## Palabras de los informes

label-health = Salud
label-fleet = Modelos
label-trainings = Entrenamientos por familia
label-went-live = Qué se ha activado
label-not-promoted = Evaluado y no activado
label-failures = Entrenamientos fallidos
label-alerts = Alertas
label-schedules = Programaciones
label-traffic = Datos y predicciones
label-queue = Cola y trabajadores
label-summary = Resumen
label-runs = Ejecuciones más recientes
label-versions = Versiones
label-moves = Qué estuvo activo
label-performance = Pérdida a lo largo del tiempo
label-forecasts = Pronósticos frente a resultados
label-calibration = Lo que dijo frente a lo que ocurrió
label-loss-curve = Entrenamiento de la versión activa
label-success-rate = tasa de éxito de entrenamientos
label-mean-training = duración media de un entrenamiento
label-mean-waiting = espera media hasta el inicio
label-degradations = degradaciones detectadas
label-availability = disponibilidad
label-promoted = activados
label-taken-back = revertidos
label-completed = completados
label-failed = fallidos
label-cancelled = cancelados
label-models = modelos
label-live = con versión activa
label-live-version = versión activa
label-verdict = veredicto
label-without-live = sin versión activa
label-paused = en pausa
label-due = por reentrenar
label-held-back = aplazados
label-declined = peores que al activarse
label-up-to-date = al día
label-raised = emitidas
label-resolved = resueltas
label-open-critical = abiertas, críticas
label-open-warning = abiertas, de aviso
label-open-info = abiertas, informativas
label-imports = importaciones con filas nuevas
label-predictions = predicciones servidas
label-labelled = de ellas, con resultado
label-scheduler = programador
label-executions = ejecuciones en 30 días
label-success-of-runs = tasa de éxito de ejecuciones
label-mean-run = duración media de una ejecución
label-age = edad, días
label-new-rows = filas nuevas
label-reliability = fiabilidad
label-action = acción
label-family = familia
label-model = modelo
label-version = versión
label-move = cambio
label-at = cuándo (UTC)
label-why = por qué
label-difference = diferencia
label-severity = gravedad
label-since = desde (UTC)
label-what = qué
label-schedule = programación
label-skipped = omitidas
label-share = éxito
label-seconds = segundos
label-pool = grupo
label-workers = trabajadores
label-attempts = intentos
label-lost = perdidos
label-busy = tiempo ocupado
label-state = estado
label-when = cuándo
label-task = tarea
label-next = próxima (UTC)
label-outcome = resultado
label-mode = modo
label-trained = entrenada
label-loss = pérdida
label-against-baseline = frente a la referencia
label-gap-new = brecha en filas nuevas, %
label-gap-old = en filas antiguas, %
label-jobs-over-time = Trabajos a lo largo del tiempo
label-jobs = trabajos
label-waiting = esperaron
label-running = corrieron
label-of-the-model = la versión activa
label-of-the-baseline = su referencia
label-change = variación, %
label-interval = intervalo del pronóstico
label-forecast = pronóstico
label-came = lo que ocurrió
label-expected = lo dicho
label-observed = lo ocurrido
label-ideal = lo ideal
label-epoch = época
label-training-loss = filas de entrenamiento
label-validation-loss = filas de validación
label-none = Nada.
label-stopped = parado
label-works = en marcha
label-by-hand = a mano
label-not-over = Aún no ha terminado: las cifras son las que hay hasta ahora.
verdict-better = mejor
verdict-not-worse = no peor
verdict-worse = peor
verdict-inconclusive = sin conclusión
label-fleet-now = Modelos, como están ahora
label-alerts-now = Alertas (las abiertas: ahora)
label-runs-of-schedules = Ejecuciones de programaciones
label-as-it-was = lo que fue
label-as-set = lo establecido
label-policies = políticas
label-policy = política
label-trainings-made = entrenamientos
label-of-these-complete = completos
label-training-time = tiempo de entrenamiento
label-rows-answered = filas
label-loss-over-baseline = pérdida / referencia
label-loss-by-week = Pérdida semana a semana
moved-promote = activación
moved-rollback = vuelta atrás
moved-taken-back = revertida
moved-restore = restaurada
stands-due = pendiente
stands-scheduled = programada
stands-running = en curso
stands-completed = completada
stands-failed = fallida
stands-skipped = omitida
stands-paused = en pausa
task-health-check = revisión
task-evaluate = decisión
task-retrain = reentrenamiento
task-backup = copia de seguridad
task-cleanup = limpieza
task-report = informe
report-incremental = informe incremental
report-scheduler = informe del programador
report-daily = informe diario
report-weekly = informe semanal

## Las frases de los informes

title-daily = Refit, informe diario del { $day }
title-weekly = Refit, informe semanal de la semana { $week } de { $year }
title-incremental = Refit, el estado de todos los modelos
title-scheduler = Refit, informe del programador
title-model = Refit, historia de { $model }
title-day = { $day }, según los relojes de { $zone }.
title-days = Del { $first } al { $last }, según los relojes de { $zone }.
title-as-of = A fecha del { MINUTE($at) } UTC.
title-made = Hecho el { MINUTE($at) } UTC.
title-minutes = La disponibilidad cuenta { $minutes ->
    [one] { $minutes } minuto
   *[other] { $minutes } minutos
}: un coordinador estuvo al mando en el { PERCENT($answered, most: 3) } % de ellos.
title-not-counted = La disponibilidad es desconocida: entonces ningún coordinador contaba los minutos.
title-rest = Y { $count } más.
title-all = { $total ->
    [one] { $total } modelo
   *[other] { $total } modelos
}: { $due } por reentrenar, { $up_to_date } al día, { $without } sin versión activa.
title-replayed = Refit, políticas sobre los días del { $first } al { $last }
title-no-rise = No se encontró que las pérdidas aumenten tras un entrenamiento: por la pérdida, estas políticas no se distinguen.
title-estimated = La primera línea es lo que se entrenó y se puntuó; las demás son estimaciones: cómo aumentan las pérdidas con las filas que llegan tras un entrenamiento se aprende de { $rows ->
    [one] { $rows } fila
   *[other] { $rows } filas
} con las que se puntuaron versiones de { $models ->
    [one] { $models } modelo
   *[other] { $models } modelos
}, y se supone que cada entrenamiento se activa.
title-share = { PERCENT($share, most: 2) } %
title-seconds = { NUMBER($seconds, most: 1) } s
